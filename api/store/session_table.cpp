#include "api/store/session_table.hpp"

#include <variant>

namespace turnix::store {

namespace {

/// Names are absent rather than empty.
std::optional<std::string_view> name_or_null(const std::string& name) {
    return name.empty() ? std::nullopt : std::optional<std::string_view>{name};
}

/// Whose session it is, as far as the credential says for which end it was made.
std::optional<std::string_view> party_of(const credential::claims& claims) {
    switch (claims.role) {
        case credential::party::initiator:
            return name_or_null(claims.initiator_client);
        case credential::party::receiver:
            return name_or_null(claims.receiver_client);
        case credential::party::any:
            break;
    }
    // A credential with one name only is that client's.
    if (claims.receiver_client.empty()) return name_or_null(claims.initiator_client);
    return claims.initiator_client.empty() ? name_or_null(claims.receiver_client) : std::nullopt;
}

void write(sqlite_database& into, const contract::session_started& started, const std::string& region) {
    const auto& claims = *started.claims;
    into.run(
        "insert into sessions (id, credential_id, project_id, room, initiator_client, receiver_client,"
        " party_client, region, transport, client, server, relayed, started_at_ms, updated_at_ms)"
        " values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13) on conflict (id) do nothing",
        started.id, claims.id, claims.project, name_or_null(claims.room),
        name_or_null(claims.initiator_client), name_or_null(claims.receiver_client), party_of(claims),
        name_or_null(region.empty() ? claims.region : region), net::to_string(started.transport),
        started.client.to_string(), started.server.to_string(), started.relayed.to_string(), started.at);
}

struct figures {
    const session_id& id;
    const contract::traffic_counters& traffic;
    std::uint32_t sequence;
    wall_time at;
};

/// Takes up a live session's figures: in its own row, as a sample, and what they add to the hour. False when
/// the session has ended or is not known; older figures than the last change nothing.
bool take_figures(sqlite_database& into, const figures& told) {
    const auto& [id, traffic, sequence, at] = told;
    const auto hour = std::chrono::floor<std::chrono::hours>(at);
    // What is kept of the session is as old as the last figures: the rest is what these add.
    into.run(
        "insert into usage (session_id, hour_ms, project_id, uplink_packets, uplink_bytes, downlink_packets,"
        " downlink_bytes) select id, ?3, project_id, ?4 - uplink_packets, ?5 - uplink_bytes,"
        " ?6 - downlink_packets, ?7 - downlink_bytes from sessions where id = ?1 and ended_at_ms is null"
        " and coalesce(sequence, -1) < ?2"
        " and ?4 + ?5 + ?6 + ?7 > uplink_packets + uplink_bytes + downlink_packets + downlink_bytes"
        " on conflict (session_id, hour_ms) do update set"
        " uplink_packets = uplink_packets + excluded.uplink_packets,"
        " uplink_bytes = uplink_bytes + excluded.uplink_bytes,"
        " downlink_packets = downlink_packets + excluded.downlink_packets,"
        " downlink_bytes = downlink_bytes + excluded.downlink_bytes",
        id, sequence, hour, traffic.uplink_packets, traffic.uplink_bytes, traffic.downlink_packets,
        traffic.downlink_bytes);
    into.run(
        "insert into session_samples (session_id, sequence, at_ms, uplink_packets, uplink_bytes,"
        " downlink_packets, downlink_bytes) select id, ?2, ?3, ?4, ?5, ?6, ?7 from sessions where id = ?1"
        " and ended_at_ms is null and coalesce(sequence, -1) < ?2 on conflict do nothing",
        id, sequence, at, traffic.uplink_packets, traffic.uplink_bytes, traffic.downlink_packets,
        traffic.downlink_bytes);
    into.run(
        "update sessions set uplink_packets = ?4, uplink_bytes = ?5, downlink_packets = ?6,"
        " downlink_bytes = ?7, updated_at_ms = ?3, sequence = ?2"
        " where id = ?1 and ended_at_ms is null and coalesce(sequence, -1) < ?2",
        id, sequence, at, traffic.uplink_packets, traffic.uplink_bytes, traffic.downlink_packets,
        traffic.downlink_bytes);
    return into.changes() != 0;
}

void write(sqlite_database& into, const contract::session_progress& progress) {
    take_figures(into, {progress.id, progress.traffic, progress.sequence, progress.at});
}

void write(sqlite_database& into, const contract::session_moved& moved, const std::string& region) {
    const auto& session = moved.session;
    // Its start may not be known yet.
    write(into, session, region);
    if (!take_figures(into, {session.id, moved.traffic, moved.sequence, moved.at})) return;
    into.run("update sessions set transport = ?2, client = ?3, server = ?4 where id = ?1", session.id,
             net::to_string(session.transport), session.client.to_string(), session.server.to_string());
}

void write(sqlite_database& into, const contract::session_ended& ended) {
    if (!take_figures(into, {ended.id, ended.traffic, ended.sequence, ended.at})) return;
    into.run("update sessions set ended_at_ms = ?2, end_reason = ?3 where id = ?1", ended.id, ended.at,
             contract::to_string(ended.reason));
}

/// Told to those who listen; there is no record of it.
void write(sqlite_database& /*into*/, const contract::quota_exceeded& /*reached*/) {}

}  // namespace

void write_session_event(sqlite_database& into, const contract::session_event& event,
                         const std::string& region) {
    const auto write_one = [&](const auto& what) {
        if constexpr (requires { write(into, what, region); }) {
            write(into, what, region);
        } else {
            write(into, what);
        }
    };
    std::visit(write_one, event);
}

void end_live_sessions(sqlite_database& in) {
    in.run(
        "update sessions set ended_at_ms = updated_at_ms, end_reason = 'interrupted'"
        " where ended_at_ms is null and node is null");
}

}  // namespace turnix::store
