// A client whose address changes keeps its session (RFC 8016): tickets in Allocate and Refresh, and what
// comes in at a worker for a session that another one has. The messages between workers are in crossing.hpp.
//
// Used on the worker's thread.
#pragma once

#include "relay/stun/error_code.hpp"
#include "relay/stun/message_writer.hpp"
#include "relay/turn/crossing.hpp"
#include "relay/turn/request.hpp"
#include "relay/turn/server_state.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace turnix::turn {

/// RFC 8016 §3.2.2: the session that a Refresh with this ticket is about: 400, 403, 405, 437 or 441 when
/// there is none for this client. Null when another worker has it: the request is on its way there.
[[nodiscard]] result<allocation*, stun::error_code> find_by_ticket(server_state& server, const request& asked,
                                                                   std::span<const std::byte> value);

/// A Refresh of a mobile session passed every check: its answer is to carry a new ticket, and its client is
/// expected where the request came from. Nothing changes when it is a retransmission.
void renew_mobility(server_state& server, const request& asked);

/// Adds MOBILITY-TICKET.
void add_ticket(server_state& server, stun::message_writer& message, const allocation& session,
                std::uint32_t number) noexcept;

/// Data on a path without a session here: dropped, unless a session is to come after its client.
[[nodiscard]] client_effect on_distant_data(server_state& server, const client_path& path,
                                            std::span<const std::byte> message);
/// The same for a request. False when the path's session is not another worker's.
[[nodiscard]] bool pass_on(server_state& server, const client_path& path, std::span<const std::byte> message);
/// A connection without a session here is gone.
void on_distant_closed(server_state& server, const client_path& path) noexcept;

/// What another worker posted.
void receive(server_state& server, const expected_from_afar& what);
void receive(server_state& server, const claimed& what, const instant& now);
void receive(server_state& server, const withdrawn& what);

}  // namespace turnix::turn
