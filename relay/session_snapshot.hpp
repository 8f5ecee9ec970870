// All sessions of a node at one time, from workers that look one after the other while sessions move among
// them (RFC 8016).
//
// The thread that asks the relay.
#pragma once

#include "common/contract/live_session.hpp"
#include "relay/turn/node_mobility.hpp"

#include <functional>
#include <span>
#include <vector>

namespace turnix::relay {

/// What these workers have when they look; what was handed over to one of them before is its.
using session_look = std::function<std::vector<contract::live_session>(std::span<const turn::worker_number>)>;

/// Each session once. A mobile one that moved meanwhile may have been seen by two workers, or by none: then
/// the one that has it by now looks again.
[[nodiscard]] std::vector<contract::live_session> all_sessions(std::size_t workers,
                                                               const turn::node_mobility& mobility,
                                                               const session_look& look);

}  // namespace turnix::relay
