// The tables that nodes share: which there are, and how a row of each is read and written here and up there.
//
// A row here is its columns, the identifier first. A row from up there is change, version, deleted, node and
// then the same columns.
#pragma once

#include "api/store/sqlite_database.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace turnix::upstream {

/// As in upstream_outbox of the store.
enum class shared_kind : std::uint8_t {
    organisation = 1,
    project = 2,
    token = 3,
    webhook = 4,
    session = 5,
    usage = 6,
};

struct shared_table {
    shared_kind kind;
    std::string_view name;
    /// Of the API, up to the identifier; for the audit log.
    std::string_view route;
    /// What happened is written by one node and only grows; the rest is changed by all, and versions decide.
    bool is_history;
    /// Of a row here.
    std::size_t columns;
    /// ?1: identifier, ?2: part.
    store::sql_literal read_here;
    /// ?1: node, ?2 and further: columns. All of them, one after the other; what they give are identifiers of
    /// other rows that they change.
    std::vector<store::sql_literal> write_here;
    std::vector<store::sql_literal> delete_here;
    /// $1: node, $2: how many rows, then an array for each column; before these, unless it is history, for
    /// version and deleted. Gives what was written, by identifier.
    store::sql_literal write_there;
    /// $1: after this change, $2: up to this one, $3: not those of this node, $4: at most so many.
    store::sql_literal read_there;
};

/// In an order in which no row refers to a later table, but for an organisation to its default project.
std::span<const shared_table> shared_tables();

}  // namespace turnix::upstream
