#include "api/store/session_history.hpp"

#include <algorithm>

namespace turnix::store {

namespace {

/// Four columns from `first` on.
contract::traffic_counters traffic_from(const sqlite_rows& rows, int first) {
    const auto counter = [&rows, first](int column) {
        return static_cast<std::uint64_t>(std::max<std::int64_t>(rows.get<std::int64_t>(first + column), 0));
    };
    return {.uplink_packets = counter(0),
            .uplink_bytes = counter(1),
            .downlink_packets = counter(2),
            .downlink_bytes = counter(3)};
}

std::string text_from(const sqlite_rows& rows, int column) {
    return rows.get<std::optional<std::string>>(column).value_or(std::string{});
}

session_row row_from(const sqlite_rows& rows) {
    return {.id = rows.get<session_id>(0),
            .credential = rows.get<credential_id>(1),
            .room = text_from(rows, 2),
            .initiator_client = text_from(rows, 3),
            .receiver_client = text_from(rows, 4),
            .region = text_from(rows, 5),
            .transport = rows.get<std::string>(6),
            .client = rows.get<std::string>(7),
            .server = rows.get<std::string>(8),
            .relayed = rows.get<std::string>(9),
            .started_at = rows.get<wall_time>(10),
            .updated_at = rows.get<wall_time>(11),
            .ended_at = rows.get<std::optional<wall_time>>(12),
            .end_reason = text_from(rows, 13),
            .traffic = traffic_from(rows, 14)};
}

/// One row: how many began, how many of them ended, from when, to when, four counters.
session_totals totals_from(sqlite_rows& rows) {
    rows.next();
    return {.known = rows.get<std::int64_t>(0),
            .sessions = rows.get<std::int64_t>(1),
            .first_started_at = rows.get<std::optional<wall_time>>(2),
            .last_ended_at = rows.get<std::optional<wall_time>>(3),
            .traffic = traffic_from(rows, 4)};
}

}  // namespace

std::vector<session_row> read_sessions(sqlite_database& from, const session_query& what) {
    std::vector<session_row> page;
    auto rows = from.query(
        "select id, credential_id, room, initiator_client, receiver_client, region, transport, client, "
        "server,"
        " relayed, started_at_ms, updated_at_ms, ended_at_ms, end_reason, uplink_packets, uplink_bytes,"
        " downlink_packets, downlink_bytes from sessions where project_id = ?1"
        " and (?2 is null or room = ?2)"
        " and (?3 is null or party_client = ?3"
        "  or (party_client is null and ?3 in (initiator_client, receiver_client)))"
        " and (?4 is null or region = ?4) and (?5 = 0 or ended_at_ms is not null)"
        " and (?6 is null or started_at_ms >= ?6) and (?7 is null or started_at_ms < ?7)"
        " and (?8 is null or started_at_ms < ?8 or (started_at_ms = ?8 and id < ?9))"
        " order by started_at_ms desc, id desc limit ?10",
        what.project, what.room, what.client, what.region, what.ended_only ? 1 : 0, what.from, what.to,
        what.before_started_at, what.before_id, what.limit);
    while (rows.next()) page.push_back(row_from(rows));
    return page;
}

std::optional<session_row> find_session(sqlite_database& from, project_id project, session_id id) {
    auto rows = from.query(
        "select id, credential_id, room, initiator_client, receiver_client, region, transport, client, "
        "server,"
        " relayed, started_at_ms, updated_at_ms, ended_at_ms, end_reason, uplink_packets, uplink_bytes,"
        " downlink_packets, downlink_bytes from sessions where id = ? and project_id = ?"
        // What lives elsewhere is better known there.
        " and (node is null or ended_at_ms is not null or (select not others_answer from upstream_link))",
        id, project);
    return rows.next() ? std::optional{row_from(rows)} : std::nullopt;
}

bool has_session_here(sqlite_database& in, project_id project, session_id id) {
    auto rows = in.query(
        "select 1 from sessions where id = ? and project_id = ?"
        " and (node is null or (select not others_answer from upstream_link))",
        id, project);
    return rows.next();
}

bool has_ended(sqlite_database& in, project_id project, session_id id) {
    auto rows = in.query("select 1 from sessions where id = ? and project_id = ? and ended_at_ms is not null",
                         id, project);
    return rows.next();
}

std::vector<interrupted_session> read_interrupted_sessions(sqlite_database& from) {
    std::vector<interrupted_session> found;
    auto rows = from.query(
        "select id, credential_id, room, initiator_client, receiver_client, region, transport, client, "
        "server,"
        " relayed, started_at_ms, updated_at_ms, updated_at_ms, 'interrupted', uplink_packets, uplink_bytes,"
        " downlink_packets, downlink_bytes, project_id from sessions where ended_at_ms is null"
        " and node is null");
    while (rows.next()) found.push_back({.project = rows.get<project_id>(18), .session = row_from(rows)});
    return found;
}

std::vector<session_sample> read_samples(sqlite_database& from, session_id of, std::int64_t sequence,
                                         std::size_t limit) {
    std::vector<session_sample> found;
    auto rows = from.query(
        "select sequence, at_ms, uplink_packets, uplink_bytes, downlink_packets, downlink_bytes"
        " from session_samples where session_id = ? and sequence > ? order by sequence limit ?",
        of, sequence, limit);
    while (rows.next()) {
        found.push_back({.sequence = rows.get<std::int64_t>(0),
                         .at = rows.get<wall_time>(1),
                         .traffic = traffic_from(rows, 2)});
    }
    return found;
}

session_totals read_room_totals(sqlite_database& from, project_id project, const std::string& room) {
    auto rows = from.query(
        "select count(*), count(ended_at_ms), min(iif(ended_at_ms, started_at_ms, null)), max(ended_at_ms),"
        " coalesce(sum(iif(ended_at_ms, uplink_packets, 0)), 0),"
        " coalesce(sum(iif(ended_at_ms, uplink_bytes, 0)), 0),"
        " coalesce(sum(iif(ended_at_ms, downlink_packets, 0)), 0),"
        " coalesce(sum(iif(ended_at_ms, downlink_bytes, 0)), 0) from sessions"
        " where project_id = ? and room = ?"
        " and (node is null or (select not others_answer from upstream_link))",
        project, room);
    return totals_from(rows);
}

session_totals read_client_totals(sqlite_database& from, project_id project, const std::string& client) {
    auto rows = from.query(
        "select count(*), count(ended_at_ms), min(iif(ended_at_ms, started_at_ms, null)), max(ended_at_ms),"
        " coalesce(sum(iif(ended_at_ms, uplink_packets, 0)), 0),"
        " coalesce(sum(iif(ended_at_ms, uplink_bytes, 0)), 0),"
        " coalesce(sum(iif(ended_at_ms, downlink_packets, 0)), 0),"
        " coalesce(sum(iif(ended_at_ms, downlink_bytes, 0)), 0) from sessions"
        " where project_id = ?1 and (party_client = ?2"
        " or (party_client is null and ?2 in (initiator_client, receiver_client)))"
        " and (node is null or (select not others_answer from upstream_link))",
        project, client);
    return totals_from(rows);
}

std::vector<usage_row> read_usage(sqlite_database& from, const usage_query& what) {
    using text = std::optional<std::string>;
    std::vector<usage_row> found;
    const auto after = what.after.value_or(usage_key{});
    auto rows = from.query(
        "select case when ?4 then room end as of_room, case when ?5 then party_client end as of_client,"
        " case when ?6 then region end as of_region,"
        " case when ?7 then hour_ms when ?8 then hour_ms / 86400000 * 86400000 end as begins,"
        " count(distinct session_id), sum(usage.uplink_packets), sum(usage.uplink_bytes),"
        " sum(usage.downlink_packets), sum(usage.downlink_bytes)"
        " from usage join sessions on sessions.id = usage.session_id"
        " where usage.project_id = ?1 and hour_ms >= ?2 and hour_ms < ?3"
        " and (usage.node is null or (select not others_answer from upstream_link))"
        " group by 1, 2, 3, 4 having ?10 = 0"
        "  or (coalesce(begins, 0), coalesce(of_room, ''), coalesce(of_client, ''), coalesce(of_region, ''))"
        "   > (?11, ?12, ?13, ?14)"
        " order by 4, 1, 2, 3 limit ?9",
        what.project, std::chrono::floor<std::chrono::hours>(what.from), what.to, what.by_room ? 1 : 0,
        what.by_client ? 1 : 0, what.by_region ? 1 : 0, what.by_hour ? 1 : 0, what.by_day ? 1 : 0, what.limit,
        what.after ? 1 : 0, after.begins_at_ms, after.room, after.client, after.region);
    while (rows.next()) {
        found.push_back({.room = rows.get<text>(0),
                         .client = rows.get<text>(1),
                         .region = rows.get<text>(2),
                         .begins_at = rows.get<std::optional<wall_time>>(3),
                         .sessions = rows.get<std::int64_t>(4),
                         .traffic = traffic_from(rows, 5)});
    }
    return found;
}

std::uint64_t read_bytes_since(sqlite_database& from, project_id project, wall_time since) {
    auto rows = from.query(
        "select coalesce(sum(uplink_bytes + downlink_bytes), 0) from usage where project_id = ?"
        " and hour_ms >= ? and node is null",
        project, since);
    rows.next();
    return static_cast<std::uint64_t>(std::max<std::int64_t>(rows.get<std::int64_t>(0), 0));
}

void delete_sessions_before(sqlite_database& from, project_id project, wall_time ended) {
    from.run(
        "delete from session_samples where session_id in"
        " (select id from sessions where project_id = ? and ended_at_ms < ?)",
        project, ended);
    from.run(
        "delete from usage where session_id in"
        " (select id from sessions where project_id = ? and ended_at_ms < ?)",
        project, ended);
    from.run("delete from sessions where project_id = ? and ended_at_ms < ?", project, ended);
}

void delete_samples_before(sqlite_database& from, wall_time at) {
    from.run("delete from session_samples where at_ms < ?", at);
}

}  // namespace turnix::store
