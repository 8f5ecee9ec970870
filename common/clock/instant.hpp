// Time as an argument: the protocol cores never ask a clock, they are told.
#pragma once

#include <chrono>

namespace turnix {

using monotonic_time = std::chrono::steady_clock::time_point;
using wall_time = std::chrono::system_clock::time_point;

/// One moment on both clocks, read once a batch. Lifetimes, budgets and timers use `monotonic`; only the
/// expiry of credentials, and what people read, use `wall`.
struct instant {
    monotonic_time monotonic;
    wall_time wall;

    static instant now() noexcept {
        return {.monotonic = std::chrono::steady_clock::now(), .wall = std::chrono::system_clock::now()};
    }
};

}  // namespace turnix
