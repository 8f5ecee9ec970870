// How much memory is asked for, and what happens when there is none: programs that link
// counted_allocations.cpp count every operator new, and let it fail on demand.
#pragma once

#include <cstddef>

namespace turnix::test {

/// By this thread, in its life.
std::size_t allocations_made() noexcept;

/// While it lives, of what this thread asks for from here on the nth fails (counted from 1), and `more` after
/// it.
class failing_allocation {
  public:
    explicit failing_allocation(std::size_t nth, std::size_t more = 0) noexcept;
    ~failing_allocation();
    failing_allocation(const failing_allocation&) = delete;
    failing_allocation& operator=(const failing_allocation&) = delete;

    /// Has it come to that?
    [[nodiscard]] static bool has_failed() noexcept;
};

}  // namespace turnix::test
