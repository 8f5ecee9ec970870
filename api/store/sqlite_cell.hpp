// A value of any column, for code that carries rows and does not read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace turnix::store {

/// Null, a number, text, or bytes.
using sqlite_cell = std::variant<std::monostate, std::int64_t, std::string, std::vector<std::byte>>;

}  // namespace turnix::store
