#include "api/fleet/ice_urls.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace turnix::fleet {

namespace {

constexpr std::uint16_t https_port = 443;

/// Zero when nothing listens with that transport.
std::uint16_t port_of(std::span<const served_listener> listeners, net::transport wanted) {
    std::uint16_t port{0};
    for (const auto& [transport, address] : listeners) {
        if (transport != wanted) continue;
        // People behind strict firewalls need 443 most.
        const bool is_better = wanted == net::transport::tls && address.port == https_port;
        if (port == 0 || is_better) port = address.port;
    }
    return port;
}

}  // namespace

ice_urls ice_urls_of(const node_entry& node) {
    const bool is_v6 = node.host.find(':') != std::string::npos;
    const auto host = is_v6 ? fmt::format("[{}]", node.host) : node.host;
    ice_urls urls;
    if (node.udp != 0) {
        urls.stun.push_back(fmt::format("stun:{}:{}", host, node.udp));
        urls.turn.push_back(fmt::format("turn:{}:{}?transport=udp", host, node.udp));
    }
    if (node.tcp != 0) urls.turn.push_back(fmt::format("turn:{}:{}?transport=tcp", host, node.tcp));
    if (node.tls != 0) urls.turn.push_back(fmt::format("turns:{}:{}?transport=tcp", host, node.tls));
    return urls;
}

node_entry own_node(std::string_view public_host, const region_entry& own_region,
                    std::span<const served_listener> listeners) {
    if (public_host.empty() && own_region.nodes.size() != 1) {
        throw std::runtime_error{fmt::format(
            "node.public_host is empty, and region {} has {} nodes: set it to the name that clients "
            "reach this node by",
            own_region.slug, own_region.nodes.size())};
    }
    return {.host = public_host.empty() ? own_region.nodes.front().host : std::string{public_host},
            .udp = port_of(listeners, net::transport::udp),
            .tcp = port_of(listeners, net::transport::tcp),
            .tls = port_of(listeners, net::transport::tls)};
}

}  // namespace turnix::fleet
