// Who is left out while the node runs short of memory or descriptors (contract/load_step.hpp): newcomers
// first, then strangers, never who is in a call. On a worker's thread.
#pragma once

#include "relay/turn/request.hpp"
#include "relay/turn/server_state.hpp"

namespace turnix::turn {

/// Does a new Allocate go elsewhere?
[[nodiscard]] bool refuses_newcomers(const server_state& server) noexcept;

/// Does a request that is not authentic, or a Binding, get silence? Not when its 5-tuple has an allocation,
/// whose client may need a fresh nonce for it, nor when it comes with a ticket of this node's (RFC 8016).
[[nodiscard]] bool is_ignored(server_state& server, const request& asked) noexcept;

}  // namespace turnix::turn
