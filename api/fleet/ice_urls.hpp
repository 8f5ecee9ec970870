// The ICE URLs of a node (RFC 7064, RFC 7065): only what it serves, in the order in which clients should try.
#pragma once

#include "api/fleet/region_catalogue.hpp"
#include "common/net/endpoint.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::fleet {

/// A relay listener of this node, with the port that it really has.
struct served_listener {
    net::transport transport{net::transport::udp};
    net::endpoint address;
};

struct ice_urls {
    std::vector<std::string> stun;
    std::vector<std::string> turn;
};

/// stun over UDP; turn over UDP, turn over TCP, turns over TCP: four at most.
[[nodiscard]] ice_urls ice_urls_of(const node_entry& node);

/// This node as clients reach it: its own listeners, where 443 goes before any other TLS port, under
/// `public_host`, or, when that is empty, under the host of its region's only node. Throws std::runtime_error
/// with the remedy when neither names a host.
[[nodiscard]] node_entry own_node(std::string_view public_host, const region_entry& own_region,
                                  std::span<const served_listener> listeners);

}  // namespace turnix::fleet
