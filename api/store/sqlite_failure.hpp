// From SQLite's last failure to the exception.
#pragma once

struct sqlite3;

namespace turnix::store {

/// Throws store_error with the connection's last code and SQLite's text for it.
[[noreturn]] void throw_failure(sqlite3& connection);

}  // namespace turnix::store
