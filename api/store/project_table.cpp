#include "api/store/project_table.hpp"

namespace turnix::store {

namespace {

std::optional<std::string_view> text_or_null(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>{text};
}

/// A nullable integer column as the model has it.
template <class Value>
std::optional<Value> number(const sqlite_rows& rows, int column) {
    const auto stored = rows.get<std::optional<std::int64_t>>(column);
    return stored ? std::optional{static_cast<Value>(*stored)} : std::nullopt;
}

template <class Value>
std::optional<std::int64_t> as_integer(const std::optional<Value>& value) {
    return value ? std::optional{static_cast<std::int64_t>(*value)} : std::nullopt;
}

std::string text(const sqlite_rows& rows, int column) {
    return rows.get<std::optional<std::string>>(column).value_or("");
}

model::project_settings settings_of(const sqlite_rows& rows, int first) {
    using seconds = std::optional<std::chrono::seconds>;
    model::project_settings settings{
        .ttl_default = rows.get<seconds>(first),
        .ttl_max = rows.get<seconds>(first + 1),
        .session_max = rows.get<seconds>(first + 2),
        .quotas = {.allocations = number<std::uint32_t>(rows, first + 3),
                   .bitrate_bps = number<std::uint64_t>(rows, first + 4),
                   .packets_per_second = number<std::uint32_t>(rows, first + 16),
                   .bytes_per_day = number<std::uint64_t>(rows, first + 5),
                   .sessions_per_second = number<std::uint32_t>(rows, first + 6)},
        .limits = {.allocations = number<std::uint16_t>(rows, first + 7),
                   .bitrate_bps = number<std::uint64_t>(rows, first + 8),
                   .packets_per_second = number<std::uint32_t>(rows, first + 17),
                   .bytes = number<std::uint64_t>(rows, first + 9)},
        .peer_scope = number<credential::peer_scope>(rows, first + 10),
        .on_expiry = number<credential::on_expiry>(rows, first + 11),
        .retention = {},
        .links = {.room = text(rows, first + 13),
                  .client = text(rows, first + 14),
                  .session = text(rows, first + 15)}};
    if (const auto days = number<std::int32_t>(rows, first + 12))
        settings.retention = std::chrono::days{*days};
    return settings;
}

/// Columns as every query of this file names them.
model::organisation organisation_of(const sqlite_rows& rows) {
    return {.id = rows.get<organisation_id>(0),
            .name = rows.get<std::string>(1),
            .default_project = rows.get<std::optional<project_id>>(2).value_or(project_id{}),
            .created_at = rows.get<wall_time>(3)};
}

model::project project_of(const sqlite_rows& rows) {
    return {.id = rows.get<project_id>(0),
            .organisation = rows.get<organisation_id>(1),
            .slug = rows.get<std::string>(2),
            .settings = settings_of(rows, 4),
            .created_at = rows.get<wall_time>(3)};
}

}  // namespace

std::vector<model::organisation> read_organisations(sqlite_database& from) {
    std::vector<model::organisation> all;
    auto rows = from.query(
        "select id, name, default_project_id, created_at_ms from organisations order by created_at_ms, id");
    while (rows.next()) all.push_back(organisation_of(rows));
    return all;
}

std::vector<model::project> read_projects(sqlite_database& from) {
    std::vector<model::project> all;
    auto rows = from.query(
        "select id, organisation_id, slug, created_at_ms, ttl_default_s, ttl_max_s, session_max_s,"
        " quota_allocations, quota_bitrate_bps, quota_bytes_per_day, quota_sessions_per_second,"
        " credential_allocations, credential_bitrate_bps, credential_bytes, peer_scope, on_expiry,"
        " retention_days, room_link, client_link, session_link, quota_packets_per_second,"
        " credential_packets_per_second from projects order by created_at_ms, id");
    while (rows.next()) all.push_back(project_of(rows));
    return all;
}

std::optional<model::organisation> find_organisation(sqlite_database& from, organisation_id id) {
    auto rows =
        from.query("select id, name, default_project_id, created_at_ms from organisations where id = ?", id);
    return rows.next() ? std::optional{organisation_of(rows)} : std::nullopt;
}

std::optional<model::project> find_project(sqlite_database& from, project_id id) {
    auto rows = from.query(
        "select id, organisation_id, slug, created_at_ms, ttl_default_s, ttl_max_s, session_max_s,"
        " quota_allocations, quota_bitrate_bps, quota_bytes_per_day, quota_sessions_per_second,"
        " credential_allocations, credential_bitrate_bps, credential_bytes, peer_scope, on_expiry,"
        " retention_days, room_link, client_link, session_link, quota_packets_per_second,"
        " credential_packets_per_second from projects where id = ?",
        id);
    return rows.next() ? std::optional{project_of(rows)} : std::nullopt;
}

void insert_organisation(sqlite_database& into, const model::organisation& organisation) {
    into.run("insert into organisations (id, name, created_at_ms) values (?, ?, ?)", organisation.id,
             organisation.name, organisation.created_at);
}

void put_organisation(sqlite_database& into, const model::organisation& organisation) {
    update_organisation(into, organisation);
    if (into.changes() > 0) return;
    insert_organisation(into, organisation);
    update_organisation(into, organisation);
}

void update_organisation(sqlite_database& in, const model::organisation& organisation) {
    in.run(
        "update organisations set name = ?1, default_project_id = (select id from projects where id = ?2)"
        " where id = ?3",
        organisation.name, organisation.default_project, organisation.id);
}

void insert_project(sqlite_database& into, const model::project& project) {
    into.run("insert into projects (id, organisation_id, slug, created_at_ms) values (?, ?, ?, ?)",
             project.id, project.organisation, project.slug, project.created_at);
    update_project(into, project);
}

void put_project(sqlite_database& into, const model::project& project) {
    update_project(into, project);
    if (into.changes() == 0) insert_project(into, project);
}

void update_project(sqlite_database& in, const model::project& project) {
    const auto& set = project.settings;
    in.run(
        "update projects set slug = ?2, ttl_default_s = ?3, ttl_max_s = ?4, session_max_s = ?5,"
        " quota_allocations = ?6, quota_bitrate_bps = ?7, quota_bytes_per_day = ?8,"
        " quota_sessions_per_second = ?9, credential_allocations = ?10, credential_bitrate_bps = ?11,"
        " credential_bytes = ?12, peer_scope = ?13, on_expiry = ?14, retention_days = ?15, room_link = ?16,"
        " client_link = ?17, session_link = ?18, quota_packets_per_second = ?19,"
        " credential_packets_per_second = ?20 where id = ?1",
        project.id, project.slug, set.ttl_default, set.ttl_max, set.session_max, set.quotas.allocations,
        set.quotas.bitrate_bps, set.quotas.bytes_per_day, set.quotas.sessions_per_second,
        set.limits.allocations, set.limits.bitrate_bps, set.limits.bytes, as_integer(set.peer_scope),
        as_integer(set.on_expiry), set.retention ? std::optional{set.retention->count()} : std::nullopt,
        text_or_null(set.links.room), text_or_null(set.links.client), text_or_null(set.links.session),
        set.quotas.packets_per_second, set.limits.packets_per_second);
}

void delete_project(sqlite_database& from, project_id id) {
    from.run("update organisations set default_project_id = null where default_project_id = ?", id);
    from.run("delete from tokens where project_id = ?", id);
    from.run("delete from projects where id = ?", id);
}

}  // namespace turnix::store
