#include "api/store/record_table.hpp"

#include "api/store/store_error.hpp"

#include <span>

#include <sqlite3.h>

namespace turnix::store {

namespace {

model::record_kind kind_from(std::int64_t number) {
    if (number < static_cast<std::int64_t>(model::record_kind::organisation) ||
        number > static_cast<std::int64_t>(model::record_kind::token)) {
        throw store_error{SQLITE_CORRUPT, "a shared record has an unknown kind"};
    }
    return static_cast<model::record_kind>(number);
}

}  // namespace

void write_records(sqlite_database& into, const std::vector<model::shared_record>& made) {
    for (const auto& each : made) {
        into.run(
            "insert into records (kind, key, version, until_s, body) values (?1, ?2, ?3, ?4, ?5)"
            " on conflict (kind, key) do update set version = ?3, until_s = ?4, body = ?5"
            " where version < ?3",
            static_cast<int>(each.id.kind), std::span<const std::byte>{each.id.key}, each.version,
            each.until.time_since_epoch(), std::span<const std::byte>{each.body});
    }
}

std::vector<model::shared_record> read_records(sqlite_database& from) {
    std::vector<model::shared_record> all;
    auto rows = from.query("select kind, key, version, until_s, body from records order by kind, key");
    while (rows.next()) {
        all.push_back(
            {.id = {.kind = kind_from(rows.get<std::int64_t>(0)), .key = rows.get<std::vector<std::byte>>(1)},
             .body = rows.get<std::vector<std::byte>>(4),
             .version = static_cast<std::uint64_t>(rows.get<std::int64_t>(2)),
             .until = std::chrono::sys_seconds{rows.get<std::chrono::seconds>(3)}});
    }
    return all;
}

void delete_expired_records(sqlite_database& from, wall_time now) {
    from.run("delete from records where until_s < ?",
             std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()));
}

}  // namespace turnix::store
