// What a credential's dates allow. They are of the wall clock and in whole seconds: they reach further than
// wall_time does.
#pragma once

#include "common/clock/instant.hpp"
#include "common/credential/claims.hpp"

#include <chrono>

namespace turnix::turn {

/// Within credential::clock_tolerance. Its expiry gates new sessions only.
[[nodiscard]] bool may_begin(const credential::claims& claims, wall_time now) noexcept;

/// How much longer a session may last, whatever is refreshed; nothing or less when its time is over.
[[nodiscard]] std::chrono::seconds time_left(const credential::claims& claims, wall_time now) noexcept;

}  // namespace turnix::turn
