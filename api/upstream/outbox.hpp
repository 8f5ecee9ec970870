// The node's own side of what is shared: which rows wait to go up, and rows from up there put into the
// tables.
//
// On the store's thread, inside its transaction; everything throws store_error. Rows wait in upstream_outbox,
// where triggers of the schema note them in the transaction that writes them.
#pragma once

#include "api/store/sqlite_database.hpp"
#include "api/upstream/shared_table.hpp"
#include "api/upstream/wire_text.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace turnix::upstream {

/// Any row of any table: its first 16 bytes, as they are.
using shared_id = identifier<struct shared_tag>;

/// Notes sessions and usage from now on, those included that there are, and forgets the gossip's records of
/// tenants; or notes no more of them.
void begin_noting(store::sqlite_database& in);
void end_noting(store::sqlite_database& in);

/// Whether others are asked for their sessions, so that sums here are of this node's alone.
void set_others_answer(store::sqlite_database& in, bool they_do);

/// This node's name up there.
std::vector<std::byte> node_name(store::sqlite_database& in);

struct waiting_row {
    shared_id id;
    std::int64_t part{0};
    std::int64_t version{0};
    /// What goes up: columns; before them, unless it is history, version and whether the row is gone. Empty:
    /// history that is not kept any more.
    row columns;
};
/// Newest version that waits anywhere: what is noted later belongs to the next round.
std::int64_t newest_waiting(store::sqlite_database& in);
/// Those that are due and waited when `newest` was the newest, the first noted first.
std::vector<waiting_row> read_waiting(store::sqlite_database& from, const shared_table& table,
                                      std::int64_t newest, std::size_t limit);
/// They are up there. What has changed since it was read goes on waiting.
void settle(store::sqlite_database& in, const shared_table& table, std::span<const waiting_row> rows);

/// How many wait.
std::uint64_t count_waiting(store::sqlite_database& in);

/// How far a table of this database has been read.
std::int64_t last_seen(store::sqlite_database& in, const shared_table& table);
/// True when the node was in step with another database until now, or with a later state of this one: then
/// everything is read again, and goes up again.
bool begin_with(store::sqlite_database& in, const std::string& upstream_id, std::int64_t last_change);

struct taken_rows {
    std::vector<shared_id> changed;
    std::uint64_t conflicts{0};
};
/// Puts rows from up there into the table, but for those that are older than what is here, and remembers how
/// far it was read. Where a change of this node waits, either way is a conflict, and stands in the audit log.
taken_rows take(store::sqlite_database& into, const shared_table& table, std::span<const row> rows,
                std::int64_t seen);
/// Organisations and projects refer to each other: what take() could not say yet of these organisations. One
/// whose default project has not come is read once more.
void complete_organisations(store::sqlite_database& in, const shared_table& table,
                            std::span<const row> organisations);

}  // namespace turnix::upstream
