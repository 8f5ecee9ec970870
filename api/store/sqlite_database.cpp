#include "api/store/sqlite_database.hpp"

#include "api/store/sqlite_failure.hpp"
#include "api/store/store_error.hpp"

#include <algorithm>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace turnix::store {

namespace {

/// For whoever looks into the file with a tool meanwhile.
constexpr int busy_timeout_ms = 2'000;
constexpr int primary_code_mask = 0xff;

/// SQLite would make the file readable by everybody; its journal takes the mode of the file.
void make_private(const std::filesystem::path& file) {
    const int made = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (made >= 0) ::close(made);
}

}  // namespace

void throw_failure(sqlite3& connection) {
    throw store_error{sqlite3_extended_errcode(&connection) & primary_code_mask, sqlite3_errmsg(&connection)};
}

void sqlite_database::closer::operator()(sqlite3* connection) const noexcept { sqlite3_close_v2(connection); }

sqlite_database::sqlite_database(const std::filesystem::path& file) {
    make_private(file);
    sqlite3* opened = nullptr;
    const auto code =
        sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    connection_.reset(opened);
    try {
        if (opened == nullptr) throw store_error{code, sqlite3_errstr(code)};
        if (code != SQLITE_OK) throw_failure(*opened);
        sqlite3_extended_result_codes(opened, 1);
        sqlite3_busy_timeout(opened, busy_timeout_ms);
        run_script(
            "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;"
            "pragma trusted_schema = off;");
    } catch (const store_error& error) {
        throw store_error{error.code(), file.string() + ": the database cannot be opened: " + error.what()};
    }
}

std::int64_t sqlite_database::changes() const noexcept { return sqlite3_changes64(connection_.get()); }

sqlite_rows sqlite_database::query_with(sql_literal sql, std::span<const sqlite_cell> values) {
    auto& statement = prepared(sql.text());
    const auto taken = values.first(std::min(values.size(), statement.parameters()));
    int parameter = 0;
    for (const auto& each : taken) statement.bind(++parameter, each);
    return sqlite_rows{statement};
}

void sqlite_database::run_script(std::string_view sql) {
    const std::string terminated{sql};
    if (sqlite3_exec(connection_.get(), terminated.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        throw_failure(*connection_);
}

void sqlite_database::roll_back() noexcept {
    if (sqlite3_get_autocommit(connection_.get()) == 0)
        sqlite3_exec(connection_.get(), "rollback", nullptr, nullptr, nullptr);
}

sqlite_statement& sqlite_database::prepared(std::string_view sql) {
    const auto known = statements_.find(sql);
    if (known != statements_.end()) {
        known->second.reset();
        return known->second;
    }
    sqlite3_stmt* made = nullptr;
    const auto code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                         SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    if (code != SQLITE_OK) throw_failure(*connection_);
    return statements_.emplace(sql, sqlite_statement{made}).first->second;
}

}  // namespace turnix::store
