#include "api/fleet/host_addresses.hpp"

#include <algorithm>
#include <utility>

namespace turnix::fleet {

namespace {

using boost::asio::ip::udp;

/// The first of each family, in the resolver's order.
std::vector<net::address> first_of_each(const udp::resolver::results_type& found) {
    std::vector<net::address> firsts;
    for (const auto& each : found) {
        // One that leads only to this link has a zone, and is none here.
        const auto address = net::address::parse(each.endpoint().address().to_string());
        if (!address) continue;
        const bool is_first = std::ranges::none_of(
            firsts, [&address](const net::address& known) { return known.family() == address->family(); });
        if (is_first) firsts.push_back(*address);
    }
    return firsts;
}

}  // namespace

std::vector<net::address> host_addresses::of(const std::string& host, monotonic_time now) {
    if (const auto literal = net::address::parse(host)) return {*literal};
    auto& known = known_[host];
    if (now >= known.due) {
        known.due = now + refresh_interval;
        look_up(host);
    }
    return known.addresses;
}

void host_addresses::look_up(const std::string& host) {
    resolver_.async_resolve(
        host, "",
        [this, host](const boost::system::error_code& failed, const udp::resolver::results_type& found) {
            if (failed) return;
            if (auto addresses = first_of_each(found); !addresses.empty()) {
                known_[host].addresses = std::move(addresses);
            }
        });
}

}  // namespace turnix::fleet
