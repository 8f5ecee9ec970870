#include "api/upstream/exchange.hpp"

#include "common/clock/instant.hpp"
#include "common/telemetry/log.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_set>
#include <utility>

namespace turnix::upstream {

namespace {

std::int64_t number_of(const sqlite_cell& value) { return std::get<std::int64_t>(value); }

std::int64_t change_of(const row& given) { return number_of(given.at(0)); }

/// As parameters of shared_table::write_there.
std::vector<std::string> parameters_of(const std::string& node, std::span<const waiting_row> rows) {
    std::vector<row> columns;
    columns.reserve(rows.size());
    for (const auto& each : rows) columns.push_back(each.columns);
    std::vector<std::string> made{node, std::to_string(rows.size())};
    for (std::size_t column = 0; column < columns.front().size(); ++column)
        made.push_back(array_text(columns, column));
    return made;
}

}  // namespace

exchange::exchange(const parts& of) : parts_{of} {
    const auto there = state();
    bool is_another = false;
    parts_.records.run([&](auto& database) {
        is_another = begin_with(database, there.id, there.last_change);
        node_ = bytes_text(node_name(database));
    });
    if (is_another) {
        telemetry::logger("api.upstream")
            .warn("the database is another one, or was set back: everything is compared with it anew");
    }
    try {
        parts_.link.query("listen turnix_changes");
    } catch (const upstream_error& error) {
        if (error.is_about_the_connection()) throw;
        has_notices_ = false;  // a database that has none is asked every second
    }
}

exchange::upstream_state exchange::state() {
    const auto found = parts_.link.query("select last, database_id from changes");
    return {.last_change = number_of(found.at(0).at(0)), .id = std::get<std::string>(found.at(0).at(1))};
}

void exchange::pull() {
    if (state().last_change == pulled_) return;
    // One state of everything, so that no row comes before those that it refers to.
    parts_.link.run_script("begin isolation level repeatable read read only");
    const auto up_to = state().last_change;
    pull_tenants(up_to);
    for (const auto& each : shared_tables().subspan(2)) pull_pages(each, up_to);
    parts_.link.run_script("commit");
    pulled_ = up_to;
}

std::vector<row> exchange::read_page(const shared_table& table, std::int64_t after, std::int64_t up_to) {
    const std::array values{std::to_string(after), std::to_string(up_to), node_, std::to_string(rows_a_page)};
    return parts_.link.query(table.read_there, values);
}

std::vector<row> exchange::read_all(const shared_table& table, std::int64_t up_to) {
    std::int64_t after{0};
    parts_.records.run([&](auto& database) { after = last_seen(database, table); });
    std::vector<row> all;
    for (;;) {
        auto page = read_page(table, after, up_to);
        const bool is_last = page.size() < rows_a_page;
        if (!page.empty()) after = change_of(page.back());
        std::ranges::move(page, std::back_inserter(all));
        if (is_last) return all;
    }
}

/// Organisations and projects, which refer to each other, in one transaction.
void exchange::pull_tenants(std::int64_t up_to) {
    const auto& organisation_table = shared_tables()[0];
    const auto& project_table = shared_tables()[1];
    const auto organisations = read_all(organisation_table, up_to);
    const auto projects = read_all(project_table, up_to);
    if (organisations.empty() && projects.empty()) return;
    taken_rows taken_organisations;
    taken_rows taken_projects;
    parts_.records.run([&](auto& database) {
        taken_organisations = take(database, organisation_table, organisations, up_to);
        taken_projects = take(database, project_table, projects, up_to);
        complete_organisations(database, organisation_table, organisations);
    });
    count(project_table, std::move(taken_projects));
    count(organisation_table, std::move(taken_organisations));
}

void exchange::pull_pages(const shared_table& table, std::int64_t up_to) {
    std::int64_t after{0};
    parts_.records.run([&](auto& database) { after = last_seen(database, table); });
    for (bool is_last = false; !is_last;) {
        const auto page = read_page(table, after, up_to);
        is_last = page.size() < rows_a_page;
        if (page.empty()) return;
        after = is_last ? up_to : change_of(page.back());
        taken_rows taken;
        parts_.records.run([&](auto& database) { taken = take(database, table, page, after); });
        count(table, std::move(taken));
    }
}

void exchange::count(const shared_table& table, taken_rows taken) {
    parts_.counts.taken.add(taken.changed.size());
    parts_.counts.conflicts.add(taken.conflicts);
    if (!table.is_history && !taken.changed.empty()) parts_.changed(table.kind, std::move(taken.changed));
}

std::uint64_t exchange::push() {
    std::uint64_t waiting{0};
    std::int64_t newest{0};
    const auto look = [&](auto& database) {
        waiting = count_waiting(database);
        newest = newest_waiting(database);
    };
    parts_.records.run(look);
    if (waiting == 0) return 0;
    const auto sent_before = parts_.counts.sent.value();
    for (const auto& each : shared_tables()) push_table(each, newest);
    if (parts_.counts.sent.value() == sent_before) return waiting;
    notify();
    parts_.records.run(look);
    return waiting;
}

void exchange::push_table(const shared_table& table, std::int64_t newest) {
    for (;;) {
        std::vector<waiting_row> rows;
        parts_.records.run(
            [&](auto& database) { rows = read_waiting(database, table, newest, rows_a_page); });
        const auto gone = std::ranges::stable_partition(
            rows, [](const waiting_row& each) { return !each.columns.empty(); });
        if (!gone.empty()) settle_in_store(table, gone);
        const auto kept = std::span{rows}.first(rows.size() - gone.size());
        if (kept.empty() && gone.empty()) return;
        if (!kept.empty() && !send(table, kept)) return;
    }
}

bool exchange::send(const shared_table& table, std::span<const waiting_row> rows) {
    try {
        const auto done = written(table, rows);
        parts_.counts.sent.add(done.size());
        settle_in_store(table, done);
        return done.size() == rows.size();
    } catch (const upstream_error& error) {
        if (!error.is_about_the_data()) throw;
        if (rows.size() == 1) {
            parts_.counts.refused.add();
            refusals_.warn("{}/{} is refused and stays here alone: {}", table.name,
                           rows.front().id.to_string(), error.what());
            settle_in_store(table, rows);
            return true;
        }
    }
    const auto half = rows.size() / 2;
    const bool is_first_done = send(table, rows.first(half));
    return send(table, rows.subspan(half)) && is_first_done;
}

/// Of what is no history, only what is not older than what stands there: the rest is overruled.
std::vector<waiting_row> exchange::written(const shared_table& table, std::span<const waiting_row> rows) {
    const auto found = parts_.link.query(table.write_there, parameters_of(node_, rows));
    if (table.is_history) return {rows.begin(), rows.end()};
    std::unordered_set<std::string> names;
    for (const auto& each : found) names.insert(bytes_text(std::get<std::vector<std::byte>>(each.at(0))));
    std::vector<waiting_row> done;
    std::ranges::copy_if(rows, std::back_inserter(done), [&names](const waiting_row& each) {
        return names.contains(bytes_text(std::as_bytes(std::span{each.id.bytes})));
    });
    return done;
}

void exchange::settle_in_store(const shared_table& table, std::span<const waiting_row> rows) {
    parts_.records.run([&](auto& database) { settle(database, table, rows); });
}

void exchange::notify() {
    if (!has_notices_) return;
    try {
        parts_.link.query("select pg_notify('turnix_changes', '')");
    } catch (const upstream_error& error) {
        if (error.is_about_the_connection()) throw;
        has_notices_ = false;
    }
}

void exchange::forget_old_history() {
    const std::array now{std::to_string(
        std::chrono::duration_cast<std::chrono::milliseconds>(instant::now().wall.time_since_epoch())
            .count())};
    parts_.link.query(
        "delete from usage where session_id in (select sessions.id from sessions"
        " join projects on projects.id = sessions.project_id where projects.retention_days is not null"
        " and sessions.ended_at_ms < $1::bigint - projects.retention_days * 86400000)",
        now);
    parts_.link.query(
        "delete from sessions where exists (select 1 from projects where projects.id = sessions.project_id"
        " and projects.retention_days is not null"
        " and sessions.ended_at_ms < $1::bigint - projects.retention_days * 86400000)",
        now);
}

}  // namespace turnix::upstream
