// Notices when the wall clock is set: it then moves otherwise than the monotonic clock.
#pragma once

#include "common/clock/instant.hpp"

#include <chrono>
#include <optional>

namespace turnix::daemon {

/// One thread. Credentials expire by the wall clock, so that a jump explains refusals.
class clock_watch {
  public:
    static constexpr std::chrono::seconds jump_least{5};

    explicit clock_watch(const instant& start) noexcept : last_{start} {}

    /// By how much the wall clock has jumped since the last call, forward if positive; nothing when by
    /// jump_least or less.
    std::optional<std::chrono::milliseconds> jump(const instant& now) noexcept;

  private:
    instant last_;
};

}  // namespace turnix::daemon
