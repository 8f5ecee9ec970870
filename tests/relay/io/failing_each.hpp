// What is done with each of the allocations that it asks for failing in turn.
#pragma once

#include "tests/counted_allocations.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <functional>
#include <limits>

namespace turnix::test {

inline constexpr auto all_that_follow = std::numeric_limits<std::size_t>::max() - 1;

using action = std::function<void()>;
/// Does it with an allocation failing.
using starver = std::function<void(const action&)>;

/// Has `attempt` starve an action of its nth allocation; false when it asks for fewer.
inline bool fail_nth(const std::function<void(const starver&)>& attempt, std::size_t nth, std::size_t more) {
    CAPTURE(nth, more);
    bool has_failed = false;
    attempt([&](const action& act) {
        const failing_allocation without_memory{nth, more};
        act();
        has_failed = failing_allocation::has_failed();
    });
    return has_failed;
}

/// The same for each that it asks for, alone and with all that follow: how many there were. What the action
/// throws must not leave it.
inline std::size_t fail_each(const std::function<void(const starver&)>& attempt) {
    std::size_t tried = 0;
    for (const std::size_t more : {std::size_t{0}, all_that_follow}) {
        for (std::size_t nth = 1; fail_nth(attempt, nth, more); ++nth) ++tried;
    }
    return tried;
}

}  // namespace turnix::test
