// One connection to an SQLite file: WAL, synchronous=FULL, foreign keys, prepared statements kept by their
// text.
//
// Used by one thread at a time. Statements are literals: values reach SQLite as parameters only, and a text
// made at run time does not compile.
#pragma once

#include "api/store/sqlite_statement.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;

namespace turnix::store {

/// SQL as the source code has it.
class sql_literal {
  public:
    // NOLINTNEXTLINE(google-explicit-constructor): a literal stands for itself at the call.
    consteval sql_literal(const char* text) : text_{text} {}
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

  private:
    std::string_view text_;
};

/// The rows of one run of a statement.
class sqlite_rows {
  public:
    explicit sqlite_rows(sqlite_statement& running) noexcept : statement_{running} {}
    sqlite_rows(const sqlite_rows&) = delete;
    sqlite_rows& operator=(const sqlite_rows&) = delete;
    ~sqlite_rows() { statement_.reset(); }

    /// Goes to the first row, then to the next; false when there is none. Throws store_error.
    bool next() { return statement_.step(); }
    /// A column of the row, counted from 0.
    template <class Value>
    [[nodiscard]] Value get(int column) const {
        Value value{};
        statement_.read(column, value);
        return value;
    }

  private:
    sqlite_statement& statement_;
};

class sqlite_database {
  public:
    /// Opens the file, or makes it with mode 0600. Throws store_error with its name.
    explicit sqlite_database(const std::filesystem::path& file);

    /// Starts a statement that gives rows. Throws store_error.
    template <class... Values>
    [[nodiscard]] sqlite_rows query(sql_literal sql, const Values&... values) {
        auto& statement = prepared(sql.text());
        int parameter = 0;
        (statement.bind(++parameter, values), ...);
        return sqlite_rows{statement};
    }
    /// Starts one with as many of the values as it has parameters. Throws store_error.
    [[nodiscard]] sqlite_rows query_with(sql_literal sql, std::span<const sqlite_cell> values);
    /// Runs a statement that gives none. Throws store_error.
    template <class... Values>
    void run(sql_literal sql, const Values&... values) {
        query(sql, values...).next();
    }
    /// Rows that the last insert, update or delete changed.
    [[nodiscard]] std::int64_t changes() const noexcept;

    /// Statements of a migration, one after the other. Throws store_error.
    void run_script(std::string_view sql);
    /// Ends the open transaction, if there is one, without its changes.
    void roll_back() noexcept;

  private:
    struct closer {
        void operator()(sqlite3* connection) const noexcept;
    };

    /// Without rows and parameters of an earlier run.
    sqlite_statement& prepared(std::string_view sql);

    std::unique_ptr<sqlite3, closer> connection_;
    /// Finalized before the connection closes, by the order of the members. Keys are literals.
    std::unordered_map<std::string_view, sqlite_statement> statements_;
};

}  // namespace turnix::store
