#include "api/store/sqlite_statement.hpp"

#include "api/store/sqlite_failure.hpp"
#include "api/store/store_error.hpp"

#include <algorithm>

#include <sqlite3.h>

namespace turnix::store {

void sqlite_statement::finalizer::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

std::size_t sqlite_statement::parameters() const noexcept {
    return static_cast<std::size_t>(sqlite3_bind_parameter_count(handle_.get()));
}

void sqlite_statement::bind(int parameter, std::nullopt_t) {
    require(sqlite3_bind_null(handle_.get(), parameter));
}

void sqlite_statement::bind(int parameter, std::string_view value) {
    // A null pointer would bind null, and an empty view may have one.
    const char* const start = value.empty() ? "" : value.data();
    require(
        sqlite3_bind_text64(handle_.get(), parameter, start, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void sqlite_statement::bind(int parameter, std::span<const std::byte> value) {
    require(sqlite3_bind_blob64(handle_.get(), parameter, value.data(), value.size(), SQLITE_TRANSIENT));
}

void sqlite_statement::bind(int parameter, wall_time value) {
    const auto since_1970 = std::chrono::floor<std::chrono::milliseconds>(value.time_since_epoch());
    bind_integer(parameter, since_1970.count());
}

void sqlite_statement::bind(int parameter, std::chrono::seconds value) {
    bind_integer(parameter, value.count());
}

void sqlite_statement::bind_cell(int parameter, const sqlite_cell& value) {
    if (const auto* const number = std::get_if<std::int64_t>(&value)) return bind_integer(parameter, *number);
    if (const auto* const text = std::get_if<std::string>(&value)) return bind(parameter, *text);
    if (const auto* const bytes = std::get_if<std::vector<std::byte>>(&value)) {
        return bind(parameter, std::span<const std::byte>{*bytes});
    }
    bind(parameter, std::nullopt);
}

void sqlite_statement::bind_integer(int parameter, std::int64_t value) {
    require(sqlite3_bind_int64(handle_.get(), parameter, value));
}

bool sqlite_statement::step() {
    const auto code = sqlite3_step(handle_.get());
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) throw_failure(*sqlite3_db_handle(handle_.get()));
    return false;
}

void sqlite_statement::reset() noexcept {
    sqlite3_reset(handle_.get());
    sqlite3_clear_bindings(handle_.get());
}

bool sqlite_statement::is_null(int column) const noexcept {
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

void sqlite_statement::read(int column, std::int64_t& into) const {
    into = sqlite3_column_int64(handle_.get(), column);
}

void sqlite_statement::read(int column, std::string& into) const {
    const void* const start = sqlite3_column_text(handle_.get(), column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
    into.assign(static_cast<const char*>(start), size);
}

void sqlite_statement::read(int column, std::vector<std::byte>& into) const {
    const void* const start = sqlite3_column_blob(handle_.get(), column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
    into.assign(static_cast<const std::byte*>(start), static_cast<const std::byte*>(start) + size);
}

void sqlite_statement::read(int column, wall_time& into) const {
    into = wall_time{std::chrono::milliseconds{sqlite3_column_int64(handle_.get(), column)}};
}

void sqlite_statement::read(int column, std::chrono::seconds& into) const {
    into = std::chrono::seconds{sqlite3_column_int64(handle_.get(), column)};
}

void sqlite_statement::read(int column, sqlite_cell& into) const {
    switch (sqlite3_column_type(handle_.get(), column)) {
        case SQLITE_INTEGER:
            return read(column, into.emplace<std::int64_t>());
        case SQLITE_TEXT:
            return read(column, into.emplace<std::string>());
        case SQLITE_BLOB:
            return read(column, into.emplace<std::vector<std::byte>>());
        default:
            into.emplace<std::monostate>();
    }
}

void sqlite_statement::read_blob(int column, std::span<std::byte> into) const {
    const void* const start = sqlite3_column_blob(handle_.get(), column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
    if (size != into.size())
        throw store_error{SQLITE_CORRUPT, "a stored identifier has " + std::to_string(size) + " bytes"};
    std::copy_n(static_cast<const std::byte*>(start), size, into.begin());
}

void sqlite_statement::require(int code) const {
    if (code != SQLITE_OK) throw_failure(*sqlite3_db_handle(handle_.get()));
}

}  // namespace turnix::store
