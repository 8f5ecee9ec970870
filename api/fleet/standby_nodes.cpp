#include "api/fleet/standby_nodes.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace turnix::fleet {

namespace {

bool is_encrypted(net::transport transport) noexcept {
    return transport == net::transport::tls || transport == net::transport::dtls;
}

struct chosen_from {
    const standby_node* node;
    [[nodiscard]] double load() const noexcept { return node->share; }
};

bool is_for(const standby_node& node, net::transport transport, net::family family) noexcept {
    if (node.port_of(transport) == 0 || (is_encrypted(transport) && node.name.empty())) return false;
    return std::ranges::any_of(node.addresses,
                               [family](const net::address& each) { return each.family() == family; });
}

}  // namespace

std::uint16_t standby_node::port_of(net::transport transport) const noexcept {
    switch (transport) {
        case net::transport::udp:
            return ports.udp;
        case net::transport::tcp:
            return ports.tcp;
        case net::transport::tls:
            return ports.tls;
        case net::transport::dtls:
            return ports.dtls;
    }
    return 0;
}

standby_nodes::standby_nodes(const region_directory& directory, const region_selector& selector,
                             const address_book& addresses) {
    const auto fleet = directory.view();
    if (!fleet) return;
    add(directory.ready_nodes(directory.own(), fleet.get()), addresses);
    for (const auto& ranked : selector.rank(std::nullopt).regions) {
        if (ranked.region != &directory.own()) {
            add(directory.ready_nodes(*ranked.region, fleet.get()), addresses);
        }
    }
}

void standby_nodes::add(const std::vector<ready_node>& ready, const address_book& addresses) {
    std::vector<standby_node> made;
    for (const auto& each : ready) {
        if (each.seen == nullptr || each.seen->state != gossip::node_state::alive) continue;
        const auto& host = each.entry.host;
        made.push_back({.addresses = addresses(host),
                        .name = net::address::parse(host) ? std::string{} : host,
                        .ports = each.seen->status.ports,
                        .share = each.load()});
    }
    if (!made.empty()) regions_.push_back(std::move(made));
}

const standby_node* standby_nodes::find(net::transport transport, net::family family,
                                        std::uint64_t random) const {
    for (const auto& region : regions_) {
        std::vector<chosen_from> fitting;
        for (const auto& node : region) {
            if (is_for(node, transport, family)) fitting.push_back({&node});
        }
        const auto* const chosen = less_loaded_of_two(std::span{std::as_const(fitting)}, random);
        if (chosen != nullptr) return chosen->node;
    }
    return nullptr;
}

}  // namespace turnix::fleet
