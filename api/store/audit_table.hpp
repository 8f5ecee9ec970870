// The audit log in SQL: who changed what, from where, how it ended. Rows are added and never touched again.
//
// On the store's thread; everything throws store_error.
#pragma once

#include "api/store/sqlite_database.hpp"
#include "common/credential/identifiers.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnix {
using audit_id = identifier<struct audit_tag>;
}  // namespace turnix

namespace turnix::store {

/// Whoever was none of this node's callers: what came from other nodes.
inline constexpr token_id by_the_fleet{};

struct audit_entry {
    audit_id id;
    wall_time at;
    organisation_id organisation;
    std::optional<project_id> project;  ///< absent: about the organisation
    std::optional<token_id> token;      ///< absent: the operator, over the control socket; see by_the_fleet
    std::string action;                 ///< method and pattern of the route
    std::string target;                 ///< path of what was changed or made
    std::optional<std::string> client;  ///< where the request came from
    std::string request_id;
    std::int64_t status{0};  ///< HTTP
};

/// Once for each id.
void insert_audit_entry(sqlite_database& into, const audit_entry& entry);

struct audit_query {
    organisation_id organisation;
    std::optional<project_id> project{};  ///< only about this one
    std::optional<audit_id> before_id{};  ///< the place in the list, with the next
    std::optional<wall_time> before_at{};
    std::size_t limit{0};
};
/// Newest first; within a millisecond by the id.
std::vector<audit_entry> read_audit(sqlite_database& from, const audit_query& what);

}  // namespace turnix::store
