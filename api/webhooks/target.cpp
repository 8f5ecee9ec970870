#include "api/webhooks/target.hpp"

#include "common/net/special_ranges.hpp"

#include <boost/url/parse.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace turnix::webhooks {

namespace {

constexpr std::uint16_t https_port = 443;
constexpr std::uint16_t http_port = 80;

}  // namespace

std::string target::authority() const {
    const auto name = host.find(':') == std::string::npos ? host : '[' + host + ']';
    return port == (tls ? https_port : http_port) ? name : fmt::format("{}:{}", name, port);
}

target_policy::target_policy(bool allow_private)
    : allow_private_{allow_private}, refused_{net::special_purpose_ranges()} {
    const auto unreachable = net::unreachable_ranges();
    refused_.insert(refused_.end(), unreachable.begin(), unreachable.end());
}

std::optional<target> target_policy::read(std::string_view url) const {
    if (url.size() > url_bytes_max) return std::nullopt;
    const auto parsed = boost::urls::parse_uri({url.data(), url.size()});
    if (!parsed || parsed->has_userinfo() || parsed->host_address().empty()) return std::nullopt;
    const bool is_https = parsed->scheme_id() == boost::urls::scheme::https;
    if (!is_https && !(allow_private_ && parsed->scheme_id() == boost::urls::scheme::http)) {
        return std::nullopt;
    }
    if (parsed->has_port() && parsed->port_number() == 0) return std::nullopt;
    target made{.tls = is_https,
                .host = parsed->host_address(),
                .port = is_https ? https_port : http_port,
                .path = std::string{parsed->encoded_path()}};
    if (parsed->has_port()) made.port = parsed->port_number();
    if (made.path.empty()) made.path = '/';
    if (parsed->has_query()) made.path += '?' + std::string{parsed->encoded_query()};
    const auto address = net::address::parse(made.host);
    if (address && !allows(*address)) return std::nullopt;
    return made;
}

bool target_policy::allows(const net::address& address) const {
    if (allow_private_) return true;
    return std::ranges::none_of(refused_, [&](const net::cidr& each) { return each.contains(address); });
}

}  // namespace turnix::webhooks
