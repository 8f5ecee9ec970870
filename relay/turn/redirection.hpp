// Clients that this node takes no more, because it drains or is full, are told of another server (RFC 8489
// §10, RFC 8656 §7.2 step 11). On a worker's thread.
#pragma once

#include "relay/turn/request.hpp"
#include "relay/turn/routes.hpp"
#include "relay/turn/server_state.hpp"

namespace turnix::turn {

/// 300 with another server that the client can reach and check; 508 when there is none. The request is
/// authenticated: the answer is signed, and a stranger learns nothing of other servers.
[[nodiscard]] client_effect redirect(server_state& server, const request& asked);

}  // namespace turnix::turn
