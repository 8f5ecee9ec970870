#include "api/store/credential_table.hpp"

#include <algorithm>
#include <string_view>

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

std::chrono::sys_seconds seconds_from(const sqlite_rows& rows, int column) {
    return std::chrono::floor<std::chrono::seconds>(rows.get<wall_time>(column));
}

std::uint64_t limit_from(const sqlite_rows& rows, int column) {
    const auto limit = rows.get<std::optional<std::int64_t>>(column).value_or(0);
    return static_cast<std::uint64_t>(std::max<std::int64_t>(limit, 0));
}

/// Of the columns in the order of `insert_credential`.
credential::claims claims_from(const sqlite_rows& rows) {
    const auto name = [&rows](int column) {
        return rows.get<std::optional<std::string>>(column).value_or(std::string{});
    };
    credential::claims found;
    found.id = rows.get<credential_id>(0);
    found.project = rows.get<project_id>(1);
    found.token = rows.get<token_id>(2);
    found.room = name(3);
    found.initiator_client = name(4);
    found.receiver_client = name(5);
    found.region = name(6);
    found.role = static_cast<credential::party>(rows.get<std::int64_t>(7));
    found.scope = static_cast<credential::peer_scope>(rows.get<std::int64_t>(8));
    found.expiry = static_cast<credential::on_expiry>(rows.get<std::int64_t>(9));
    found.transports.bits = static_cast<std::uint8_t>(rows.get<std::int64_t>(10));
    found.limits = {.bitrate_bps_max = limit_from(rows, 11),
                    .packets_per_second_max = static_cast<std::uint32_t>(limit_from(rows, 18)),
                    .bytes_max = limit_from(rows, 12),
                    .allocations_max = static_cast<std::uint16_t>(limit_from(rows, 13))};
    if (const auto address = net::address::parse(name(14))) found.allowed_client = *address;
    found.issued_at = seconds_from(rows, 15);
    found.expires_at = seconds_from(rows, 16);
    found.sessions_end_at = seconds_from(rows, 17);
    return found;
}

}  // namespace

void insert_credential(sqlite_database& into, const credential::claims& issued) {
    into.run(
        "insert into credentials (id, project_id, token_id, room, initiator_client, receiver_client, region,"
        " role, peer_scope, on_expiry, transports, bitrate_bps_max, bytes_max, allocations_max,"
        " allowed_client, issued_at_ms, expires_at_ms, sessions_end_at_ms, packets_per_second_max)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing",
        issued.id, issued.project, issued.token, name_or_null(issued.room),
        name_or_null(issued.initiator_client), name_or_null(issued.receiver_client),
        name_or_null(issued.region), static_cast<int>(issued.role), static_cast<int>(issued.scope),
        static_cast<int>(issued.expiry), issued.transports.bits, limit_or_null(issued.limits.bitrate_bps_max),
        limit_or_null(issued.limits.bytes_max), limit_or_null(issued.limits.allocations_max),
        text_or_null(issued.allowed_client), issued.issued_at, issued.expires_at, issued.sessions_end_at,
        limit_or_null(issued.limits.packets_per_second_max));
}

void amend_credential(sqlite_database& in, const contract::credential_override& made) {
    const credential_id id{made.target.id};
    if (made.kind == contract::override_kind::extend) {
        in.run(
            "update credentials set expires_at_ms = ?3, sessions_end_at_ms = ?4 where id = ?1"
            " and project_id = ?2",
            id, made.target.project, made.expires_at, made.sessions_end_at);
    } else if (made.kind == contract::override_kind::cap) {
        // Zero is no limit, which is null here.
        in.run(
            "update credentials set bitrate_bps_max = nullif(coalesce(?3, bitrate_bps_max), 0),"
            " bytes_max = nullif(coalesce(?4, bytes_max), 0),"
            " allocations_max = nullif(coalesce(?5, allocations_max), 0),"
            " packets_per_second_max = nullif(coalesce(?6, packets_per_second_max), 0)"
            " where id = ?1 and project_id = ?2",
            id, made.target.project, made.limits.bitrate_bps_max, made.limits.bytes_max,
            made.limits.allocations_max, made.limits.packets_per_second_max);
    }
}

void delete_credentials_before(sqlite_database& from, project_id project, wall_time sessions_ended) {
    from.run("delete from credentials where project_id = ? and sessions_end_at_ms < ?", project,
             sessions_ended);
}

std::vector<credential::claims> read_credentials(sqlite_database& from, const credential_query& what) {
    std::vector<credential::claims> page;
    auto rows = from.query(
        "select id, project_id, token_id, room, initiator_client, receiver_client, region, role, peer_scope,"
        " on_expiry, transports, bitrate_bps_max, bytes_max, allocations_max, allowed_client, issued_at_ms,"
        " expires_at_ms, sessions_end_at_ms, packets_per_second_max from credentials where project_id = ?1"
        " and (?2 is null or room = ?2)"
        " and (?3 is null or ?3 in (initiator_client, receiver_client))"
        " and (?4 is null or ?4 = (expires_at_ms > ?8 and not exists (select 1 from overrides"
        "  where overrides.project_id = credentials.project_id and overrides.kind = 0"
        "  and ((overrides.scope = 0 and target_id = credentials.id)"
        "   or (issued_before_s * 1000 > issued_at_ms and ((overrides.scope = 1 and target_id = token_id)"
        "    or (overrides.scope = 2 and name in (initiator_client, receiver_client))"
        "    or (overrides.scope = 3 and name = room) or overrides.scope = 4))))))"
        " and (?5 is null or issued_at_ms < ?5 or (issued_at_ms = ?5 and id < ?6))"
        " order by issued_at_ms desc, id desc limit ?7",
        what.project, what.room, what.client,
        what.is_active ? std::optional{*what.is_active ? 1 : 0} : std::nullopt, what.before_issued_at,
        what.before_id, what.limit, what.now);
    while (rows.next()) page.push_back(claims_from(rows));
    return page;
}

std::optional<credential::claims> find_credential(sqlite_database& from, project_id project,
                                                  credential_id id) {
    auto rows = from.query(
        "select id, project_id, token_id, room, initiator_client, receiver_client, region, role, peer_scope,"
        " on_expiry, transports, bitrate_bps_max, bytes_max, allocations_max, allowed_client, issued_at_ms,"
        " expires_at_ms, sessions_end_at_ms, packets_per_second_max from credentials where id = ?"
        " and project_id = ?",
        id, project);
    return rows.next() ? std::optional{claims_from(rows)} : std::nullopt;
}

}  // namespace turnix::store
