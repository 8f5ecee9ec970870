// Where answers leave from when a client wants to learn how the NATs before it behave (RFC 5780): the node
// has two addresses and two ports, each address with both ports, and a client asks to be answered from
// another of these four places than it sent to. On a worker's thread, like all of the core.
//
// An answer goes to where its request came from and nowhere else: RESPONSE-PORT and PADDING, with which a
// stranger could send more and elsewhere, are not understood (420).
#pragma once

#include "common/contract/relay_settings.hpp"
#include "common/net/endpoint.hpp"
#include "relay/turn/routes.hpp"

#include <array>
#include <optional>

namespace turnix::turn {

/// Each address with each port.
[[nodiscard]] std::array<net::endpoint, 4> discovery_places(
    const contract::nat_discovery_settings& settings) noexcept;

/// The node's other address with its other port (Ca:Cp of RFC 5780 §6.1). Nothing when discovery is off, and
/// for what did not come over UDP to one of the four places.
[[nodiscard]] std::optional<net::endpoint> opposite_place(const contract::relay_settings& settings,
                                                          const client_path& path) noexcept;

/// A place as clients reach it: behind 1:1 NAT, with the external address of relay.addresses.
[[nodiscard]] net::endpoint as_clients_see(const contract::relay_settings& settings,
                                           const net::endpoint& place) noexcept;

}  // namespace turnix::turn
