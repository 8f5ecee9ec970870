// Shared records in SQL. On the store's thread; everything throws store_error, and changes nothing when it is
// done twice.
#pragma once

#include "api/model/shared_record.hpp"
#include "api/store/sqlite_database.hpp"

#include <vector>

namespace turnix::store {

/// In the place of an older version; a newer one stays.
void write_records(sqlite_database& into, const std::vector<model::shared_record>& made);
std::vector<model::shared_record> read_records(sqlite_database& from);
void delete_expired_records(sqlite_database& from, wall_time now);

}  // namespace turnix::store
