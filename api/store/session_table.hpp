// Sessions as they are written in SQL. On the store's thread; everything throws store_error, and changes
// nothing when it is done twice.
#pragma once

#include "api/store/sqlite_database.hpp"
#include "common/contract/session_event.hpp"

#include <string>

namespace turnix::store {

/// A start that is known, figures older than those kept, and anything after the end change nothing. A
/// move of a session that is not known makes it known. It is `region`'s, or when that is empty the one's that
/// its credential names.
void write_session_event(sqlite_database& into, const contract::session_event& event,
                         const std::string& region);
/// Ends every live session of this node at its last event, as "interrupted".
void end_live_sessions(sqlite_database& in);

}  // namespace turnix::store
