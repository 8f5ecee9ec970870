// The schema up there: numbered SQL files, compiled in, each applied once and whole, whichever node is first.
#pragma once

#include "api/store/migration.hpp"
#include "api/upstream/connection.hpp"

#include <span>

namespace turnix::upstream {

/// The files of api/upstream/migrations, in order.
std::span<const store::migration> migrations() noexcept;

/// Applies those that the database lacks. Throws upstream_error: one fails, or the database has one that is
/// not known.
void migrate(connection& over);

}  // namespace turnix::upstream
