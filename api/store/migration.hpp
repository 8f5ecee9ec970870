// The schema's history: numbered SQL files, compiled in, each applied once and whole.
#pragma once

#include <span>
#include <string_view>

namespace turnix::store {

class sqlite_database;

struct migration {
    int number{0};
    std::string_view name;
    std::string_view sql;
};

/// The files of api/store/migrations, in order.
std::span<const migration> migrations() noexcept;

/// Applies those of `known`, which is in order, that the database lacks. Throws store_error: a migration
/// fails (the database is then as the one before left it), or the database has one that is not known.
void migrate(sqlite_database& database, std::span<const migration> known);

}  // namespace turnix::store
