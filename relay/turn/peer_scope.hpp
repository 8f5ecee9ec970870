// What a credential's peer scope adds to the peer policy: `relays` reaches relay ports only, `room` only
// those of the same room. Decided for each datagram, in both directions, since ports come and go.
//
// The node knows its own relay ports: what is relayed by another node of the fleet is out of either scope.
#pragma once

#include "relay/turn/server_state.hpp"

#include <cstdint>

namespace turnix::turn {

/// A room of a project as node_ports knows it; 0 for none.
[[nodiscard]] std::uint64_t room_tag(const credential::claims& of) noexcept;

/// For CreatePermission, which names no port.
[[nodiscard]] bool is_in_scope(const server_state& server, const allocation& session,
                               const net::address& peer) noexcept;
/// The endpoint as clients name it, or as the kernel shows it.
[[nodiscard]] bool is_in_scope(const server_state& server, const allocation& session,
                               const net::endpoint& peer) noexcept;

}  // namespace turnix::turn
