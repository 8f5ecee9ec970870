#include "api/store/token_table.hpp"

#include "api/store/store_error.hpp"

#include <sqlite3.h>

namespace turnix::store {

namespace {

model::scope_set scopes_from(const std::string& text) {
    const auto scopes = model::scope_set::parse(text);
    if (!scopes) throw store_error{SQLITE_CORRUPT, "a token has an unknown scope: " + text};
    return *scopes;
}

/// Columns as every query of this file names them.
model::token token_of(const sqlite_rows& rows) {
    using time = std::optional<wall_time>;
    return {.id = rows.get<token_id>(0),
            .reach = {.organisation = rows.get<organisation_id>(1),
                      .project = rows.get<std::optional<project_id>>(2)},
            .name = rows.get<std::string>(3),
            .scopes = scopes_from(rows.get<std::string>(4)),
            .digest = rows.get<model::secret_digest>(5),
            .created_at = rows.get<wall_time>(6),
            .expires_at = rows.get<time>(7),
            .revoked_at = rows.get<time>(8),
            .last_used_at = rows.get<time>(9),
            .previous_digest = rows.get<std::optional<model::secret_digest>>(10),
            .previous_ends_at = rows.get<time>(11)};
}

}  // namespace

std::vector<model::token> read_tokens(sqlite_database& from) {
    std::vector<model::token> all;
    auto rows = from.query(
        "select id, organisation_id, project_id, name, scopes, digest, created_at_ms, expires_at_ms,"
        " revoked_at_ms, last_used_at_ms, previous_digest, previous_ends_at_ms"
        " from tokens order by created_at_ms, id");
    while (rows.next()) all.push_back(token_of(rows));
    return all;
}

std::optional<model::token> find_token(sqlite_database& from, token_id id) {
    auto rows = from.query(
        "select id, organisation_id, project_id, name, scopes, digest, created_at_ms, expires_at_ms,"
        " revoked_at_ms, last_used_at_ms, previous_digest, previous_ends_at_ms from tokens where id = ?",
        id);
    return rows.next() ? std::optional{token_of(rows)} : std::nullopt;
}

void insert_token(sqlite_database& into, const model::token& token) {
    into.run(
        "insert into tokens (id, organisation_id, project_id, name, scopes, digest, created_at_ms,"
        " last_used_at_ms) values (?, ?, ?, ?, ?, ?, ?, ?)",
        token.id, token.reach.organisation, token.reach.project, token.name, token.scopes.to_string(),
        token.digest, token.created_at, token.last_used_at);
    update_token(into, token);
}

void put_token(sqlite_database& into, const model::token& token) {
    update_token(into, token);
    if (into.changes() == 0) insert_token(into, token);
}

void update_token(sqlite_database& in, const model::token& token) {
    in.run(
        "update tokens set name = ?2, scopes = ?3, digest = ?4, expires_at_ms = ?5, revoked_at_ms = ?6,"
        " previous_digest = ?7, previous_ends_at_ms = ?8 where id = ?1",
        token.id, token.name, token.scopes.to_string(), token.digest, token.expires_at, token.revoked_at,
        token.previous_digest, token.previous_ends_at);
}

void set_token_used(sqlite_database& into, token_id id, wall_time at) {
    into.run("update tokens set last_used_at_ms = max(?, coalesce(last_used_at_ms, 0)) where id = ?", at, id);
}

}  // namespace turnix::store
