// The next look of what looks again and again: it comes, also when there is no memory to wait for it.
//
// On the thread of the timer's loop, or before it runs. A step that looks again waits first and works then:
// the work may find no memory, and the clock would stand still for good.
#pragma once

#include "common/clock/insist.hpp"

#include <chrono>

namespace turnix {

/// Runs `then` after that time, unless the timer is cancelled before; a wait under way is. `Timer` is one of
/// Asio's.
template <class Timer, class Then>
void run_after(Timer& timer, std::chrono::milliseconds time, const Then& then) {
    timer.expires_after(time);
    insist([&] {
        timer.async_wait([then](const auto& cancelled) {
            if (!cancelled) then();
        });
    });
}

}  // namespace turnix
