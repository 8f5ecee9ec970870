// The ICE URLs of a node (RFC 7064, RFC 7065): only what it serves, in the order in which clients should try.
#pragma once

#include "api/fleet/region_catalogue.hpp"
#include "common/contract/relay_settings.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::fleet {

struct ice_urls {
    std::vector<std::string> stun;
    std::vector<std::string> turn;
};

/// stun over UDP; turn over UDP, turn over TCP, turns over TCP, turns over UDP (DTLS): five at most.
[[nodiscard]] ice_urls ice_urls_of(const node_entry& node);

/// This node as clients reach it: by `public_host`, or when that is empty by the host of its region's only
/// node, at the listeners that the host leads to, with the ports that they really have; of several for one
/// transport 443 counts, else the first. Throws std::runtime_error with the remedy when there is no host.
[[nodiscard]] node_entry own_node(std::string_view public_host, const region_entry& own_region,
                                  std::span<const contract::listener_settings> listeners);

}  // namespace turnix::fleet
