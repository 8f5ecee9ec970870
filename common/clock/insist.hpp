// What must not be left undone for want of memory: a loop that does not wait for its next event is deaf for
// good.
#pragma once

#include <chrono>
#include <new>
#include <thread>

namespace turnix {

/// Runs `step`, which without memory changes nothing, until there is enough; returns what it does. Any
/// thread; it blocks while there is none. Asio keeps the memory of a wait for the next one: there it is rare.
template <class Step>
auto insist(const Step& step) -> decltype(step()) {
    for (;;) {
        try {
            return step();
        } catch (const std::bad_alloc&) {
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
    }
}

}  // namespace turnix
