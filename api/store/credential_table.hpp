// Issued credentials as they are read and changed in SQL. On the store's thread; everything throws
// store_error.
#pragma once

#include "api/store/sqlite_database.hpp"
#include "common/contract/credential_override.hpp"
#include "common/credential/claims.hpp"

#include <optional>
#include <string>
#include <vector>

namespace turnix::store {

/// Once for each id.
void insert_credential(sqlite_database& into, const credential::claims& issued);
/// The term or the limits that an override of one credential gives it; nothing when there is no such row.
void amend_credential(sqlite_database& in, const contract::credential_override& made);
void delete_credentials_before(sqlite_database& from, project_id project, wall_time sessions_ended);

struct credential_query {
    project_id project;
    std::optional<std::string> room{};
    std::optional<std::string> client{};  ///< either end
    std::optional<bool> is_active{};      ///< at `now`: not expired and not revoked
    wall_time now{};
    std::optional<credential_id> before_id{};  ///< the place in the list, with the next
    std::optional<wall_time> before_issued_at{};
    std::size_t limit{0};
};
/// Newest first.
std::vector<credential::claims> read_credentials(sqlite_database& from, const credential_query& what);
std::optional<credential::claims> find_credential(sqlite_database& from, project_id project,
                                                  credential_id id);

}  // namespace turnix::store
