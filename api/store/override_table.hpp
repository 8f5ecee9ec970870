// Overrides of credentials in SQL. On the store's thread; everything throws store_error, and changes nothing
// when it is done twice.
#pragma once

#include "api/store/sqlite_database.hpp"
#include "common/contract/credential_override.hpp"

#include <vector>

namespace turnix::store {

/// In the place of an older version of the same target and kind; a newer one stays.
void write_override(sqlite_database& into, const contract::credential_override& made);
std::vector<contract::credential_override> read_overrides(sqlite_database& from);
void delete_expired_overrides(sqlite_database& from, wall_time now);

}  // namespace turnix::store
