// Do the process's loops still turn? Each counts its ticks; one whose count stands still for too long is
// stuck.
//
// Asks no clock. Whoever watches has a watch of their own: the main thread for the service manager, the
// status thread for /healthz, so that each can tell that the other is stuck.
#pragma once

#include "common/clock/instant.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace turnix::daemon {

/// One loop, as it is at some moment.
struct loop_pulse {
    std::string name;
    std::uint64_t ticks{0};
};

class loop_watch {
  public:
    /// Twenty ticks of the slowest loop that is not the main thread's.
    static constexpr std::chrono::seconds stuck_after{5};

    /// The names of the loops that have stood still for `stuck_after`. `loops` are the same ones in the same
    /// order at each call. One thread.
    [[nodiscard]] std::vector<std::string> look(monotonic_time now, const std::vector<loop_pulse>& loops);

  private:
    struct last_change {
        std::uint64_t ticks{0};
        monotonic_time at;
    };

    std::vector<last_change> seen_;
};

}  // namespace turnix::daemon
