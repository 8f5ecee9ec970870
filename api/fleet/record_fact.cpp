#include "api/fleet/record_fact.hpp"

namespace turnix::fleet {

namespace {

using gossip::fact_kind;
using model::record_kind;

static_assert(static_cast<int>(fact_kind::organisation) == static_cast<int>(record_kind::organisation));
static_assert(static_cast<int>(fact_kind::project) == static_cast<int>(record_kind::project));
static_assert(static_cast<int>(fact_kind::project_link) == static_cast<int>(record_kind::project_link));
static_assert(static_cast<int>(fact_kind::token) == static_cast<int>(record_kind::token));

}  // namespace

gossip::fact fact_of(const model::shared_record& made) {
    return {.kind = static_cast<fact_kind>(made.id.kind),
            .key = made.id.key,
            .body = made.body,
            .version = made.version,
            .until = made.until};
}

std::optional<model::shared_record> record_of(const gossip::fact& told) {
    const bool is_record = told.kind >= fact_kind::organisation && told.kind <= fact_kind::token;
    if (!is_record || told.body.size() < model::shared_record::base_bytes) return std::nullopt;
    return model::shared_record{.id = {.kind = static_cast<record_kind>(told.kind), .key = told.key},
                                .body = told.body,
                                .version = told.version,
                                .until = told.until};
}

}  // namespace turnix::fleet
