// API tokens in SQL. On the store's thread; everything throws store_error.
#pragma once

#include "api/model/token.hpp"
#include "api/store/sqlite_database.hpp"

#include <optional>
#include <vector>

namespace turnix::store {

/// In the order of their creation.
std::vector<model::token> read_tokens(sqlite_database& from);
std::optional<model::token> find_token(sqlite_database& from, token_id id);
void insert_token(sqlite_database& into, const model::token& token);
/// Updated when it is there already, inserted otherwise.
void put_token(sqlite_database& into, const model::token& token);
/// Everything that can change but the last use.
void update_token(sqlite_database& in, const model::token& token);
/// Keeps a later use.
void set_token_used(sqlite_database& into, token_id id, wall_time at);

}  // namespace turnix::store
