#include "api/store/override_table.hpp"

#include "api/store/store_error.hpp"

#include <algorithm>
#include <optional>

#include <sqlite3.h>

namespace turnix::store {

namespace {

using contract::credential_override;

/// The column has an integer that is the number of one of the enumeration's values.
template <class Enumeration>
Enumeration enumerated(const sqlite_rows& rows, int column, Enumeration last) {
    const auto value = rows.get<std::int64_t>(column);
    if (value < 0 || value > static_cast<std::int64_t>(last)) {
        throw store_error{SQLITE_CORRUPT, "an override has an unknown value"};
    }
    return static_cast<Enumeration>(value);
}

template <class Number = std::uint64_t>
std::optional<Number> natural_number(const sqlite_rows& rows, int column) {
    const auto value = rows.get<std::optional<std::int64_t>>(column);
    return value ? std::optional{static_cast<Number>(std::max<std::int64_t>(*value, 0))} : std::nullopt;
}

std::chrono::sys_seconds seconds_from(const sqlite_rows& rows, int column) {
    return std::chrono::sys_seconds{std::chrono::seconds{rows.get<std::int64_t>(column)}};
}

std::int64_t number_of(std::chrono::sys_seconds time) { return time.time_since_epoch().count(); }

}  // namespace

void write_override(sqlite_database& into, const credential_override& made) {
    const auto& target = made.target;
    into.run(
        "insert into overrides (project_id, scope, target_id, name, kind, issued_before_s, version, until_s,"
        " sessions, expires_at_s, sessions_end_at_s, bitrate_bps_max, bytes_max, allocations_max,"
        " packets_per_second_max)"
        " values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
        " on conflict (project_id, scope, target_id, name, kind) do update set issued_before_s = ?6,"
        " version = ?7, until_s = ?8, sessions = ?9, expires_at_s = ?10, sessions_end_at_s = ?11,"
        " bitrate_bps_max = ?12, bytes_max = ?13, allocations_max = ?14,"
        " packets_per_second_max = ?15 where version < ?7",
        target.project, static_cast<int>(target.scope), token_id{target.id}, target.name,
        static_cast<int>(made.kind), number_of(made.issued_before), made.version, number_of(made.until),
        static_cast<int>(made.sessions), number_of(made.expires_at), number_of(made.sessions_end_at),
        made.limits.bitrate_bps_max, made.limits.bytes_max, made.limits.allocations_max,
        made.limits.packets_per_second_max);
}

std::vector<credential_override> read_overrides(sqlite_database& from) {
    std::vector<credential_override> all;
    auto rows = from.query(
        "select project_id, scope, target_id, name, kind, issued_before_s, version, until_s, sessions,"
        " expires_at_s, sessions_end_at_s, bitrate_bps_max, bytes_max, allocations_max,"
        " packets_per_second_max from overrides");
    while (rows.next()) {
        all.push_back({
            .target = {.project = rows.get<project_id>(0),
                       .scope = enumerated(rows, 1, contract::override_scope::project),
                       .id = rows.get<token_id>(2).bytes,
                       .name = rows.get<std::string>(3)},
            .kind = enumerated(rows, 4, contract::override_kind::cap),
            .issued_before = seconds_from(rows, 5),
            .version = natural_number(rows, 6).value_or(0),
            .until = seconds_from(rows, 7),
            .sessions = enumerated(rows, 8, contract::live_sessions_rule::drain),
            .expires_at = seconds_from(rows, 9),
            .sessions_end_at = seconds_from(rows, 10),
            .limits = {.bitrate_bps_max = natural_number(rows, 11),
                       .packets_per_second_max = natural_number<std::uint32_t>(rows, 14),
                       .bytes_max = natural_number(rows, 12),
                       .allocations_max = natural_number<std::uint16_t>(rows, 13)},
        });
    }
    return all;
}

void delete_expired_overrides(sqlite_database& from, wall_time now) {
    from.run("delete from overrides where until_s < ?",
             number_of(std::chrono::floor<std::chrono::seconds>(now)));
}

}  // namespace turnix::store
