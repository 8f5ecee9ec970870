#include "api/fleet/ice_urls.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace turnix::fleet {

namespace {

constexpr std::uint16_t https_port = 443;

/// Can clients that connect to the host reach the listener? A name may have addresses of either family.
bool is_reached_by(const contract::listener_settings& listener, const std::string& host) {
    const auto literal = net::address::parse(host);
    return literal.has_error() || literal->family() == listener.address.address.family();
}

/// Sets the port when it is the first one, or a better one.
void offer(std::uint16_t& port, std::uint16_t candidate) noexcept {
    // People behind strict firewalls need 443 most.
    if (port == 0 || candidate == https_port) port = candidate;
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
    if (node.dtls != 0) urls.turn.push_back(fmt::format("turns:{}:{}?transport=udp", host, node.dtls));
    return urls;
}

node_entry own_node(std::string_view public_host, const region_entry& own_region,
                    std::span<const contract::listener_settings> listeners) {
    if (public_host.empty() && own_region.nodes.size() != 1) {
        throw std::runtime_error{fmt::format(
            "node.public_host is empty, and region {} has {} nodes: set it to the name that clients "
            "reach this node by",
            own_region.slug, own_region.nodes.size())};
    }
    node_entry node{.host = public_host.empty() ? own_region.nodes.front().host : std::string{public_host}};
    for (const auto& listener : listeners) {
        if (!is_reached_by(listener, node.host)) continue;
        const auto port = listener.address.port;
        if (listener.transport == net::transport::udp) offer(node.udp, port);
        if (listener.transport == net::transport::tcp) offer(node.tcp, port);
        if (listener.transport == net::transport::tls) offer(node.tls, port);
        if (listener.transport == net::transport::dtls) offer(node.dtls, port);
    }
    return node;
}

}  // namespace turnix::fleet
