#include "api/upstream/migration.hpp"

#include <fmt/format.h>

#include <array>
#include <string>

namespace turnix::upstream {

namespace {

std::int64_t newest_applied(connection& over) {
    const auto found = over.query("select coalesce(max(number), 0)::bigint from migrations");
    return std::get<std::int64_t>(found.at(0).at(0));
}

}  // namespace

void migrate(connection& over) {
    over.run_script("begin");
    // Any number that no other program takes: nodes that start together go one after the other.
    over.query("select pg_advisory_xact_lock(8390876153478801)");
    over.run_script("create table if not exists migrations (number bigint primary key, name text not null)");
    const auto applied = newest_applied(over);
    const auto newest_known = migrations().back().number;
    if (applied > newest_known) {
        throw upstream_error{
            fmt::format("it has schema {}, made by a newer turnixd, and this one knows {}: update this node",
                        applied, newest_known)};
    }
    for (const auto& each : migrations()) {
        if (each.number <= applied) continue;
        over.run_script(each.sql);
        const std::array values{std::to_string(each.number), std::string{each.name}};
        over.query("insert into migrations (number, name) values ($1::bigint, $2::text)", values);
    }
    over.run_script("commit");
}

}  // namespace turnix::upstream
