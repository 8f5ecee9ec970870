#include "api/store/session_table.hpp"

#include <variant>

namespace turnix::store {

namespace {

/// Names are absent rather than empty.
std::optional<std::string_view> name_or_null(const std::string& name) {
    return name.empty() ? std::nullopt : std::optional<std::string_view>{name};
}

template <class Limit>
std::optional<Limit> limit_or_null(Limit limit) {
    return limit == 0 ? std::nullopt : std::optional{limit};
}

std::optional<std::string> text_or_null(const std::optional<net::address>& address) {
    return address ? std::optional{address->to_string()} : std::nullopt;
}

void write(sqlite_database& into, const contract::session_started& started) {
    const auto& claims = *started.claims;
    into.run(
        "insert into sessions (id, credential_id, project_id, room, initiator_client, receiver_client, "
        "region,"
        " transport, client, server, relayed, started_at_ms, updated_at_ms)"
        " values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12) on conflict (id) do nothing",
        started.id, claims.id, claims.project, name_or_null(claims.room),
        name_or_null(claims.initiator_client), name_or_null(claims.receiver_client),
        name_or_null(claims.region), net::to_string(started.transport), started.client.to_string(),
        started.server.to_string(), started.relayed.to_string(), started.at);
}

void write(sqlite_database& into, const contract::session_progress& progress) {
    into.run(
        "update sessions set uplink_packets = ?3, uplink_bytes = ?4, downlink_packets = ?5, downlink_bytes = "
        "?6,"
        " updated_at_ms = ?7, sequence = ?2"
        " where id = ?1 and ended_at_ms is null and coalesce(sequence, -1) < ?2",
        progress.id, progress.sequence, progress.traffic.uplink_packets, progress.traffic.uplink_bytes,
        progress.traffic.downlink_packets, progress.traffic.downlink_bytes, progress.at);
}

void write(sqlite_database& into, const contract::session_moved& moved) {
    // Its start may not be known yet.
    write(into, moved.session);
    into.run(
        "update sessions set transport = ?3, client = ?4, server = ?5, uplink_packets = ?6, uplink_bytes = "
        "?7,"
        " downlink_packets = ?8, downlink_bytes = ?9, updated_at_ms = ?10, sequence = ?2"
        " where id = ?1 and ended_at_ms is null and coalesce(sequence, -1) < ?2",
        moved.session.id, moved.sequence, net::to_string(moved.session.transport),
        moved.session.client.to_string(), moved.session.server.to_string(), moved.traffic.uplink_packets,
        moved.traffic.uplink_bytes, moved.traffic.downlink_packets, moved.traffic.downlink_bytes, moved.at);
}

void write(sqlite_database& into, const contract::session_ended& ended) {
    into.run(
        "update sessions set uplink_packets = ?3, uplink_bytes = ?4, downlink_packets = ?5, downlink_bytes = "
        "?6,"
        " updated_at_ms = ?7, sequence = ?2, ended_at_ms = ?7, end_reason = ?8"
        " where id = ?1 and ended_at_ms is null",
        ended.id, ended.sequence, ended.traffic.uplink_packets, ended.traffic.uplink_bytes,
        ended.traffic.downlink_packets, ended.traffic.downlink_bytes, ended.at,
        contract::to_string(ended.reason));
}

/// Told to those who listen; there is no record of it.
void write(sqlite_database& /*into*/, const contract::quota_exceeded& /*reached*/) {}

}  // namespace

void insert_credential(sqlite_database& into, const credential::claims& issued) {
    into.run(
        "insert into credentials (id, project_id, token_id, room, initiator_client, receiver_client, region, "
        "role,"
        " peer_scope, on_expiry, transports, bitrate_bps_max, bytes_max, allocations_max, allowed_client,"
        " issued_at_ms, expires_at_ms, sessions_end_at_ms)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing",
        issued.id, issued.project, issued.token, name_or_null(issued.room),
        name_or_null(issued.initiator_client), name_or_null(issued.receiver_client),
        name_or_null(issued.region), static_cast<int>(issued.role), static_cast<int>(issued.scope),
        static_cast<int>(issued.expiry), issued.transports.bits, limit_or_null(issued.limits.bitrate_bps_max),
        limit_or_null(issued.limits.bytes_max), limit_or_null(issued.limits.allocations_max),
        text_or_null(issued.allowed_client), issued.issued_at, issued.expires_at, issued.sessions_end_at);
}

void write_session_event(sqlite_database& into, const contract::session_event& event) {
    std::visit([&into](const auto& what) { write(into, what); }, event);
}

void end_live_sessions(sqlite_database& in) {
    in.run(
        "update sessions set ended_at_ms = updated_at_ms, end_reason = 'interrupted' where ended_at_ms is "
        "null");
}

}  // namespace turnix::store
