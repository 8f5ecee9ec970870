// Organisations, projects and tokens in SQL. On the store's thread; everything throws store_error.
#pragma once

#include "api/model/tenants.hpp"
#include "api/model/token.hpp"
#include "api/store/sqlite_database.hpp"

#include <vector>

namespace turnix::store {

std::vector<model::organisation> read_organisations(sqlite_database& from);
std::vector<model::project> read_projects(sqlite_database& from);
std::vector<model::token> read_tokens(sqlite_database& from);

/// The organisation's default project is still missing then.
void insert_organisation(sqlite_database& into, const model::organisation& organisation);
void insert_project(sqlite_database& into, const model::project& project);
void set_default_project(sqlite_database& into, const model::organisation& organisation);
void insert_token(sqlite_database& into, const model::token& token);
/// Keeps an earlier revocation.
void set_token_revoked(sqlite_database& into, token_id id, wall_time at);
/// Keeps a later use.
void set_token_used(sqlite_database& into, token_id id, wall_time at);

}  // namespace turnix::store
