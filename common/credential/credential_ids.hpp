// Ids of new credentials: time first, so that the rows of what is issued together lie together in an index.
//
//   milliseconds since 1970 (6) | random (10)
//
// A random id touches a page of its own, which is written with it. Any thread.
#pragma once

#include "common/clock/instant.hpp"
#include "common/credential/identifiers.hpp"

namespace turnix::credential {

[[nodiscard]] credential_id new_credential_id(wall_time now);

}  // namespace turnix::credential
