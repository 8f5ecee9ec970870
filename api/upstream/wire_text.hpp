// Values as PostgreSQL writes and reads them in text (PostgreSQL 15, chapters 8.4 and 8.15).
//
// Pure functions.
#pragma once

#include "api/store/sqlite_cell.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::upstream {

using store::sqlite_cell;
using row = std::vector<sqlite_cell>;

/// One column of all rows as an array: {1,NULL}, {"a \"b\""}, {"\\x00ff"}.
std::string array_text(std::span<const row> rows, std::size_t column);
/// "\x00ff"
std::string bytes_text(std::span<const std::byte> bytes);

/// What a column may hold.
enum class wire_type : std::uint8_t { text, number, truth, bytes };
/// Throws upstream_error when the text is none of this type.
sqlite_cell cell_from(std::string_view text, wire_type type);

}  // namespace turnix::upstream
