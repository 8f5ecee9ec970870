// Overrides of credentials as facts that the nodes share.
//
//   key   kind 1 | scope 1 | project, 16 | id, 16 | name
//   body  issued before, 8 | sessions 1 | expires at, 8 | sessions end at, 8 | which limits 1 | bit rate, 8 |
//         bytes, 8 | allocations, 2
#pragma once

#include "api/fleet/gossip/fact.hpp"
#include "common/contract/credential_override.hpp"

#include <optional>

namespace turnix::fleet {

[[nodiscard]] gossip::fact fact_of(const contract::credential_override& made);
/// Nothing when the fact is no override.
[[nodiscard]] std::optional<contract::credential_override> override_of(const gossip::fact& told);

}  // namespace turnix::fleet
