#include "api/upstream/outbox.hpp"

#include "api/store/audit_table.hpp"
#include "common/clock/instant.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string_view>

namespace turnix::upstream {

namespace {

constexpr int node_bits = 16;
/// Of the version of what is final: a revocation, a removal.
constexpr std::int64_t final_bit = std::int64_t{1} << 62;
/// Of a row from up there: change, version, deleted, node.
constexpr std::size_t head_columns = 4;
constexpr std::int64_t conflict_status = 409;

using store::sqlite_database;

std::int64_t number_at(const row& from, std::size_t column) {
    const auto* const number = std::get_if<std::int64_t>(&from.at(column));
    return number == nullptr ? 0 : *number;
}

shared_id id_at(const row& from, std::size_t column) {
    shared_id id;
    const auto* const bytes = std::get_if<std::vector<std::byte>>(&from.at(column));
    if (bytes == nullptr || bytes->size() != id.bytes.size())
        throw std::runtime_error{"a shared row has no identifier"};
    std::ranges::copy(*bytes, std::as_writable_bytes(std::span{id.bytes}).begin());
    return id;
}

sqlite_cell cell_of(const shared_id& id) {
    const auto bytes = std::as_bytes(std::span{id.bytes});
    return std::vector<std::byte>{bytes.begin(), bytes.end()};
}

row read_here(sqlite_database& from, const shared_table& table, const waiting_row& of) {
    const std::array<sqlite_cell, 2> key{cell_of(of.id), of.part};
    auto found = from.query_with(table.read_here, key);
    row columns;
    const bool is_there = found.next();
    if (!is_there && table.is_history) return columns;
    if (!table.is_history) columns = {of.version, std::int64_t{is_there ? 0 : 1}};
    if (!is_there) {
        columns.push_back(key.front());
        columns.resize(columns.size() + table.columns - 1);
        return columns;
    }
    for (std::size_t i = 0; i < table.columns; ++i)
        columns.push_back(found.get<sqlite_cell>(static_cast<int>(i)));
    return columns;
}

/// Is what comes the same as what is here, whoever wrote it?
bool says_the_same(sqlite_database& here, const shared_table& table, const row& given) {
    const auto known = read_here(here, table, {.id = id_at(given, head_columns), .columns = {}});
    // Its version, and whether it is gone.
    constexpr std::size_t known_head_columns = 2;
    return number_at(known, 1) == number_at(given, 2) &&
           std::ranges::equal(std::span{known}.subspan(known_head_columns),
                              std::span{given}.subspan(head_columns));
}

/// The newest version of a row that is known here, and whether it waits.
struct known_version {
    std::int64_t version{0};
    bool waits{false};
};

known_version version_here(sqlite_database& in, const shared_table& table, const shared_id& id) {
    auto found = in.query(
        "select version, waiting_since is not null from upstream_outbox where kind = ? and id = ? and part = "
        "0",
        static_cast<int>(table.kind), id);
    if (!found.next()) return {};
    return {.version = found.get<std::int64_t>(0), .waits = found.get<std::int64_t>(1) != 0};
}

/// Whose the row is, here or as it comes. `owner`: the column after its identifier.
std::optional<organisation_id> organisation_of(sqlite_database& in, const shared_id& id,
                                               const sqlite_cell& owner) {
    auto found = in.query(
        "select organisation_id from projects where id in (?1, ?2) union all"
        " select organisation_id from tokens where id = ?1 union all"
        " select organisation_id from webhooks join projects on projects.id = webhooks.project_id"
        "  where webhooks.id = ?1 union all"
        " select id from organisations where id in (?1, ?2)",
        id, owner);
    return found.next() ? std::optional{found.get<organisation_id>(0)} : std::nullopt;
}

void note_conflict(sqlite_database& in, const shared_table& table, const row& given) {
    const auto id = id_at(given, head_columns);
    const auto organisation = organisation_of(in, id, given.at(head_columns + 1));
    if (!organisation) return;  // it is gone here as well
    const auto name = table.kind == shared_kind::organisation ? std::string{} : id.to_string();
    store::insert_audit_entry(
        in, {.id = audit_id::random(),
             .at = instant::now().wall,
             .organisation = *organisation,
             .project = std::nullopt,
             .token = store::by_the_fleet,
             .action = fmt::format("CONFLICT {}{}", table.route, name.empty() ? "" : "{id}"),
             .target = fmt::format("{}{}", table.route, name),
             .client = std::nullopt,
             .request_id = std::to_string(number_at(given, 1)),
             .status = conflict_status});
}

void remember_version(sqlite_database& in, const shared_table& table, const shared_id& id,
                      std::int64_t version) {
    in.run(
        "insert into upstream_outbox (kind, id, part, version, due_at_ms) values (?1, ?2, 0, ?3, 0)"
        " on conflict (kind, id, part) do update set version = ?3, waiting_since = null",
        static_cast<int>(table.kind), id, version);
    in.run("update upstream_link set newest = max(newest, ?)", (version & ~final_bit) >> node_bits);
}

/// Gives the identifiers of other rows that changed with it.
std::vector<shared_id> put(sqlite_database& into, const shared_table& table, const row& given) {
    const auto node_and_columns = std::span{given}.subspan(head_columns - 1);
    const bool is_deleted = number_at(given, 2) != 0;
    std::vector<shared_id> others;
    for (const auto statement : is_deleted ? table.delete_here : table.write_here) {
        auto found = into.query_with(statement, node_and_columns);
        while (found.next()) others.push_back(found.get<shared_id>(0));
    }
    return others;
}

/// `own`: this node's name.
void take_one(sqlite_database& into, const shared_table& table, const row& given, const sqlite_cell& own,
              taken_rows& taken) {
    const auto id = id_at(given, head_columns);
    if (!table.is_history) {
        const auto version = number_at(given, 1);
        const auto here = version_here(into, table, id);
        if (version == here.version || (version < here.version && !here.waits)) return;
        // What this node has sent itself comes back as well.
        const bool is_of_another = given.at(head_columns - 1) != own;
        if (here.waits && is_of_another && !says_the_same(into, table, given)) {
            note_conflict(into, table, given);
            ++taken.conflicts;
        }
        if (version < here.version) return;
        remember_version(into, table, id, version);
    }
    std::ranges::move(put(into, table, given), std::back_inserter(taken.changed));
    taken.changed.push_back(id);
}

void remember_seen(sqlite_database& in, const shared_table& table, std::int64_t change) {
    in.run(
        "insert into upstream_seen (kind, change) values (?1, ?2)"
        " on conflict (kind) do update set change = ?2",
        static_cast<int>(table.kind), change);
}

/// Has nothing been heard of it yet? Its name, or null.
bool waits_for_project(sqlite_database& in, const sqlite_cell& project) {
    const std::array<sqlite_cell, 1> named{project};
    auto found = in.query_with(
        "select 1 where ?1 is not null and not exists (select 1 from projects where id = ?1)"
        " and not exists (select 1 from upstream_outbox where kind = 2 and id = ?1)",
        named);
    return found.next();
}

void note_history(sqlite_database& in) {
    in.run("insert into upstream_notes select 5, id, 0, 0, 0 from sessions where node is null");
    in.run("insert into upstream_notes select 6, session_id, hour_ms, 0, 0 from usage where node is null");
}

}  // namespace

void begin_noting(sqlite_database& in) {
    auto state = in.query("select is_on from upstream_link");
    state.next();
    if (state.get<std::int64_t>(0) != 0) return;
    in.run("update upstream_link set is_on = 1");
    // What the gossip said of tenants is of before: the database has them from here on.
    in.run("delete from records");
    note_history(in);
}

void end_noting(sqlite_database& in) {
    in.run("update upstream_link set is_on = 0 where is_on");
    in.run("delete from upstream_outbox where kind in (5, 6)");
}

void set_others_answer(sqlite_database& in, bool they_do) {
    in.run("update upstream_link set others_answer = ?1 where others_answer <> ?1", they_do ? 1 : 0);
}

std::vector<std::byte> node_name(sqlite_database& in) {
    auto found = in.query("select node from upstream_link");
    found.next();
    return found.get<std::vector<std::byte>>(0);
}

std::int64_t newest_waiting(sqlite_database& in) {
    auto found = in.query("select (newest + 1) * 65536 from upstream_link");
    found.next();
    return found.get<std::int64_t>(0);
}

std::vector<waiting_row> read_waiting(sqlite_database& from, const shared_table& table, std::int64_t newest,
                                      std::size_t limit) {
    std::vector<waiting_row> found;
    {
        // A clock that was set back must not keep figures here: no delay is as long as two minutes.
        auto rows = from.query(
            "select id, part, version from upstream_outbox where kind = ?1 and waiting_since < ?2"
            " and due_at_ms not between ?3 + 1 and ?3 + 120000 order by waiting_since limit ?4",
            static_cast<int>(table.kind), newest, instant::now().wall, limit);
        while (rows.next())
            found.push_back({.id = rows.get<shared_id>(0),
                             .part = rows.get<std::int64_t>(1),
                             .version = rows.get<std::int64_t>(2),
                             .columns = {}});
    }
    for (auto& each : found) each.columns = read_here(from, table, each);
    return found;
}

void settle(sqlite_database& in, const shared_table& table, std::span<const waiting_row> rows) {
    for (const auto& each : rows) {
        if (table.is_history) {
            in.run("delete from upstream_outbox where kind = ? and id = ? and part = ? and version = ?",
                   static_cast<int>(table.kind), each.id, each.part, each.version);
        } else {
            in.run(
                "update upstream_outbox set waiting_since = null"
                " where kind = ? and id = ? and part = ? and version = ?",
                static_cast<int>(table.kind), each.id, each.part, each.version);
        }
    }
}

std::uint64_t count_waiting(sqlite_database& in) {
    auto found = in.query("select count(*) from upstream_outbox where waiting_since is not null");
    found.next();
    return static_cast<std::uint64_t>(found.get<std::int64_t>(0));
}

std::int64_t last_seen(sqlite_database& in, const shared_table& table) {
    auto found = in.query("select coalesce(max(change), 0) from upstream_seen where kind = ?",
                          static_cast<int>(table.kind));
    found.next();
    return found.get<std::int64_t>(0);
}

bool begin_with(sqlite_database& in, const std::string& upstream_id, std::int64_t last_change) {
    bool is_same = false;
    bool is_first = false;
    {
        auto found = in.query(
            "select upstream_id = ?1, upstream_id is null, (select coalesce(max(change), 0) from "
            "upstream_seen)"
            " from upstream_link",
            upstream_id);
        found.next();
        is_first = found.get<std::int64_t>(1) != 0;
        is_same = found.get<std::int64_t>(0) != 0 && found.get<std::int64_t>(2) <= last_change;
    }
    if (is_same) return false;
    in.run("update upstream_link set upstream_id = ?", upstream_id);
    in.run("delete from upstream_seen");
    in.run("update upstream_outbox set waiting_since = version & ~(1 << 62) where kind <= 4");
    note_history(in);
    return !is_first;
}

taken_rows take(sqlite_database& into, const shared_table& table, std::span<const row> rows,
                std::int64_t seen) {
    taken_rows taken;
    const sqlite_cell own = node_name(into);
    into.run("update upstream_link set is_taking = 1");
    for (const auto& each : rows) take_one(into, table, each, own, taken);
    into.run("update upstream_link set is_taking = 0");
    remember_seen(into, table, seen);
    return taken;
}

void complete_organisations(sqlite_database& in, const shared_table& table,
                            std::span<const row> organisations) {
    in.run("update upstream_link set is_taking = 1");
    for (const auto& each : organisations) {
        if (version_here(in, table, id_at(each, head_columns)).version == number_at(each, 1)) {
            put(in, table, each);
        }
    }
    in.run("update upstream_link set is_taking = 0");
    const auto waiting = std::ranges::find_if(
        organisations, [&](const row& each) { return waits_for_project(in, each.at(head_columns + 2)); });
    if (waiting != organisations.end()) remember_seen(in, table, number_at(*waiting, 0) - 1);
}

}  // namespace turnix::upstream
