// A prepared statement with typed parameters and columns.
//
// Identifiers and digests are blobs, times milliseconds since 1970, durations seconds. Belongs to the thread
// of its connection.
#pragma once

#include "api/store/sqlite_cell.hpp"
#include "common/clock/instant.hpp"
#include "common/credential/identifiers.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct sqlite3_stmt;

namespace turnix::store {

class sqlite_statement {
  public:
    explicit sqlite_statement(sqlite3_stmt* prepared) noexcept : handle_{prepared} {}

    [[nodiscard]] std::size_t parameters() const noexcept;
    /// Parameters count from 1.
    void bind(int parameter, std::nullopt_t value);
    void bind(int parameter, std::string_view value);
    void bind(int parameter, std::span<const std::byte> value);
    void bind(int parameter, wall_time value);
    void bind(int parameter, std::chrono::seconds value);
    /// Exactly that type: much else would become one.
    template <std::same_as<sqlite_cell> Cell>
    void bind(int parameter, const Cell& value) {
        bind_cell(parameter, value);
    }
    /// SQLite's integers are signed and have 64 bits: what is larger becomes the largest.
    template <std::integral Integer>
    void bind(int parameter, Integer value) {
        constexpr auto largest = std::numeric_limits<std::int64_t>::max();
        bind_integer(parameter,
                     std::cmp_greater(value, largest) ? largest : static_cast<std::int64_t>(value));
    }
    template <class Tag>
    void bind(int parameter, const identifier<Tag>& value) {
        bind(parameter, std::as_bytes(std::span{value.bytes}));
    }
    template <class Value>
    void bind(int parameter, const std::optional<Value>& value) {
        value ? bind(parameter, *value) : bind(parameter, std::nullopt);
    }

    /// True when there is a row. Throws store_error.
    bool step();
    /// Forgets the row and the parameters.
    void reset() noexcept;

    /// Columns count from 0. Throws store_error when an identifier or digest has the wrong size.
    [[nodiscard]] bool is_null(int column) const noexcept;
    void read(int column, std::int64_t& into) const;
    void read(int column, std::string& into) const;
    void read(int column, std::array<std::byte, 32>& into) const { read_blob(column, into); }
    void read(int column, std::vector<std::byte>& into) const;
    void read(int column, wall_time& into) const;
    void read(int column, std::chrono::seconds& into) const;
    void read(int column, sqlite_cell& into) const;
    template <class Tag>
    void read(int column, identifier<Tag>& into) const {
        read_blob(column, std::as_writable_bytes(std::span{into.bytes}));
    }
    template <class Value>
    void read(int column, std::optional<Value>& into) const {
        into.reset();
        if (!is_null(column)) read(column, into.emplace());
    }

  private:
    struct finalizer {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };

    void bind_integer(int parameter, std::int64_t value);
    void bind_cell(int parameter, const sqlite_cell& value);
    void read_blob(int column, std::span<std::byte> into) const;
    void require(int code) const;

    std::unique_ptr<sqlite3_stmt, finalizer> handle_;
};

}  // namespace turnix::store
