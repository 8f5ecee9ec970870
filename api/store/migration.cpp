#include "api/store/migration.hpp"

#include "api/store/sqlite_database.hpp"
#include "api/store/store_error.hpp"
#include "api/store/transaction.hpp"

#include <sqlite3.h>

namespace turnix::store {

namespace {

std::int64_t newest_applied(sqlite_database& database) {
    auto found = database.query("select coalesce(max(number), 0) from migrations");
    found.next();
    return found.get<std::int64_t>(0);
}

}  // namespace

void migrate(sqlite_database& database, std::span<const migration> known) {
    database.run_script(
        "create table if not exists migrations (number integer primary key, name text not null) strict");
    const auto applied = newest_applied(database);
    const auto newest_known = known.empty() ? 0 : known.back().number;
    if (applied > newest_known)
        throw store_error{SQLITE_MISMATCH, "the database has schema " + std::to_string(applied) +
                                               ", made by a newer turnixd; this one knows " +
                                               std::to_string(newest_known) +
                                               ": install the newer one again"};
    for (const auto& each : known) {
        if (each.number <= applied) continue;
        transaction whole{database};
        database.run_script(each.sql);
        database.run("insert into migrations (number, name) values (?, ?)", each.number, each.name);
        whole.commit();
    }
}

}  // namespace turnix::store
