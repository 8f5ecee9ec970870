// Organisations and projects in SQL. On the store's thread; everything throws store_error.
#pragma once

#include "api/model/tenants.hpp"
#include "api/store/sqlite_database.hpp"

#include <optional>
#include <vector>

namespace turnix::store {

/// In the order of their creation. Without a default project while that one is missing.
std::vector<model::organisation> read_organisations(sqlite_database& from);
std::vector<model::project> read_projects(sqlite_database& from);
std::optional<model::organisation> find_organisation(sqlite_database& from, organisation_id id);
std::optional<model::project> find_project(sqlite_database& from, project_id id);

/// The organisation's default project is still missing then.
void insert_organisation(sqlite_database& into, const model::organisation& organisation);
/// Name and default project, if that one is there.
void update_organisation(sqlite_database& in, const model::organisation& organisation);
void insert_project(sqlite_database& into, const model::project& project);
/// Slug and settings.
void update_project(sqlite_database& in, const model::project& project);
/// Updated when it is there already, inserted otherwise.
void put_organisation(sqlite_database& into, const model::organisation& organisation);
void put_project(sqlite_database& into, const model::project& project);
/// With its tokens. Its sessions and credentials stay, as history.
void delete_project(sqlite_database& from, project_id id);

}  // namespace turnix::store
