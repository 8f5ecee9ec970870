// Shared records as facts that the nodes tell each other: the same thing under other names.
#pragma once

#include "api/fleet/gossip/fact.hpp"
#include "api/model/shared_record.hpp"

#include <optional>

namespace turnix::fleet {

[[nodiscard]] gossip::fact fact_of(const model::shared_record& made);
/// Nothing when the fact is no record.
[[nodiscard]] std::optional<model::shared_record> record_of(const gossip::fact& told);

}  // namespace turnix::fleet
