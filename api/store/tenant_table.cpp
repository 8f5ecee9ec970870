#include "api/store/tenant_table.hpp"

#include "api/store/store_error.hpp"

#include <sqlite3.h>

namespace turnix::store {

namespace {

model::scope_set scopes_from(const std::string& text) {
    const auto scopes = model::scope_set::parse(text);
    if (!scopes) throw store_error{SQLITE_CORRUPT, "a token has an unknown scope: " + text};
    return *scopes;
}

}  // namespace

std::vector<model::organisation> read_organisations(sqlite_database& from) {
    std::vector<model::organisation> all;
    auto rows = from.query(
        "select id, name, default_project_id, created_at_ms from organisations order by created_at_ms, id");
    while (rows.next())
        all.push_back({.id = rows.get<organisation_id>(0),
                       .name = rows.get<std::string>(1),
                       .default_project = rows.get<project_id>(2),
                       .created_at = rows.get<wall_time>(3)});
    return all;
}

std::vector<model::project> read_projects(sqlite_database& from) {
    using seconds = std::optional<std::chrono::seconds>;
    std::vector<model::project> all;
    auto rows = from.query(
        "select id, organisation_id, slug, ttl_default_s, ttl_max_s, session_max_s, created_at_ms"
        " from projects order by created_at_ms, id");
    while (rows.next())
        all.push_back({.id = rows.get<project_id>(0),
                       .organisation = rows.get<organisation_id>(1),
                       .slug = rows.get<std::string>(2),
                       .settings = {.ttl_default = rows.get<seconds>(3),
                                    .ttl_max = rows.get<seconds>(4),
                                    .session_max = rows.get<seconds>(5)},
                       .created_at = rows.get<wall_time>(6)});
    return all;
}

std::vector<model::token> read_tokens(sqlite_database& from) {
    using time = std::optional<wall_time>;
    std::vector<model::token> all;
    auto rows = from.query(
        "select id, organisation_id, project_id, name, scopes, digest, created_at_ms, expires_at_ms,"
        " revoked_at_ms, last_used_at_ms from tokens order by created_at_ms, id");
    while (rows.next())
        all.push_back({.id = rows.get<token_id>(0),
                       .reach = {.organisation = rows.get<organisation_id>(1),
                                 .project = rows.get<std::optional<project_id>>(2)},
                       .name = rows.get<std::string>(3),
                       .scopes = scopes_from(rows.get<std::string>(4)),
                       .digest = rows.get<model::secret_digest>(5),
                       .created_at = rows.get<wall_time>(6),
                       .expires_at = rows.get<time>(7),
                       .revoked_at = rows.get<time>(8),
                       .last_used_at = rows.get<time>(9)});
    return all;
}

void insert_organisation(sqlite_database& into, const model::organisation& organisation) {
    into.run("insert into organisations (id, name, created_at_ms) values (?, ?, ?)", organisation.id,
             organisation.name, organisation.created_at);
}

void insert_project(sqlite_database& into, const model::project& project) {
    into.run(
        "insert into projects (id, organisation_id, slug, ttl_default_s, ttl_max_s, session_max_s, "
        "created_at_ms)"
        " values (?, ?, ?, ?, ?, ?, ?)",
        project.id, project.organisation, project.slug, project.settings.ttl_default,
        project.settings.ttl_max, project.settings.session_max, project.created_at);
}

void set_default_project(sqlite_database& into, const model::organisation& organisation) {
    into.run("update organisations set default_project_id = ? where id = ?", organisation.default_project,
             organisation.id);
}

void insert_token(sqlite_database& into, const model::token& token) {
    into.run(
        "insert into tokens (id, organisation_id, project_id, name, scopes, digest, created_at_ms, "
        "expires_at_ms,"
        " revoked_at_ms, last_used_at_ms) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        token.id, token.reach.organisation, token.reach.project, token.name, token.scopes.to_string(),
        std::span<const std::byte>{token.digest}, token.created_at, token.expires_at, token.revoked_at,
        token.last_used_at);
}

void set_token_revoked(sqlite_database& into, token_id id, wall_time at) {
    into.run("update tokens set revoked_at_ms = ? where id = ? and revoked_at_ms is null", at, id);
}

void set_token_used(sqlite_database& into, token_id id, wall_time at) {
    into.run("update tokens set last_used_at_ms = max(?, coalesce(last_used_at_ms, 0)) where id = ?", at, id);
}

}  // namespace turnix::store
