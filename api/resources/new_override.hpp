// What is decided of credentials from now on, as every resource begins it.
//
// Plain values; any thread.
#pragma once

#include "api/http/error.hpp"
#include "common/clock/instant.hpp"
#include "common/contract/credential_override.hpp"

#include <chrono>

namespace turnix::api {

/// A revocation of what `target` means and was issued until `now`, to be kept while any of that may live:
/// `lifetime_max` from now.
[[nodiscard]] contract::credential_override new_override(const contract::override_target& target,
                                                         wall_time now, std::chrono::seconds lifetime_max);

/// Errors: unavailable.
[[nodiscard]] http::error no_room_for_overrides();

}  // namespace turnix::api
