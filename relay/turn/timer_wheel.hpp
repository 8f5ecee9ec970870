// Deadlines of up to some hundred thousand things, at one second's resolution, for their single owner.
//
// A timer is an index that the caller already has (an allocation's slot), from 0 to one less than the size
// given at the start; no memory is taken after that. Scheduling and cancelling take constant time. A wheel of
// a bit more than an hour: timers beyond it are looked at once a turn. Never early, at most one second late.
#pragma once

#include "common/clock/instant.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace turnix::turn {

class timer_wheel {
  public:
    explicit timer_wheel(std::uint32_t timers_max);

    /// Sets or moves the deadline. One that has passed already is due at the next `expire` of a later second.
    void schedule(std::uint32_t timer, monotonic_time deadline) noexcept;
    /// Nothing happens when it is not scheduled.
    void cancel(std::uint32_t timer) noexcept;

    /// Calls `expired(timer)` for each that is due; it is no longer scheduled then. `expired` may schedule
    /// and cancel any timer, the one it is called for included. Times that go backwards do nothing.
    template <class Expired>
    void expire(monotonic_time now, Expired&& expired) {
        collect_due(now);
        while (const auto timer = take_due()) expired(*timer);
    }

  private:
    using second = std::int64_t;  // on the monotonic clock
    static constexpr std::uint32_t buckets = 4096;

    // Timers, then one list head a bucket, then the head of what is due; circular lists, linked both ways.
    struct node {
        std::uint32_t next;
        std::uint32_t previous;
        second due_at;
    };

    [[nodiscard]] std::uint32_t bucket_of(second at) const noexcept;
    [[nodiscard]] std::uint32_t due_head() const noexcept;
    void unlink(std::uint32_t timer) noexcept;
    void append(std::uint32_t head, std::uint32_t timer) noexcept;
    void collect_due(monotonic_time now) noexcept;
    void collect_from(std::uint32_t bucket, second until) noexcept;
    [[nodiscard]] std::optional<std::uint32_t> take_due() noexcept;

    std::uint32_t timers_max_;
    second expired_until_{0};
    std::vector<node> nodes_;
};

}  // namespace turnix::turn
