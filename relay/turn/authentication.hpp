// The long-term credential mechanism of RFC 8489 §9.2.4: nothing is remembered of who
// has not passed it, and what costs more comes later.
#pragma once

#include "relay/turn/request.hpp"
#include "relay/turn/routes.hpp"
#include "relay/turn/server_state.hpp"
#include "relay/turn/source_budget.hpp"

#include <optional>

namespace turnix::turn {

/// Why a request is not authentic, and which budget of its source pays for saying so.
struct authentication_failure {
    stun::error_code code;
    budgeted_answer budget;
};

/// Sets `asked.credential` when the request proves to know its password. A request on a path with an
/// allocation of that username is checked against the stored key: a credential's expiry gates Allocate only.
[[nodiscard]] std::optional<authentication_failure> authenticate(server_state& server, request& asked);

/// 400, or 401 and 438 with REALM, NONCE and PASSWORD-ALGORITHMS; silence beyond the source's budget, and
/// for those whom the node's load leaves out (shedding.hpp).
[[nodiscard]] client_effect challenge(server_state& server, const request& asked,
                                      const authentication_failure& failure) noexcept;

/// Takes an answer to a stranger from the budgets of its source, and leaves some out while the worker is
/// behind (stranger_share). Whoever spoke to us over a stream or behind a DTLS cookie has shown its address
/// and gets its answer, except that failures of integrity are counted on every transport.
[[nodiscard]] bool may_answer(server_state& server, const request& asked, budgeted_answer kind) noexcept;

}  // namespace turnix::turn
