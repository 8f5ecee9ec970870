// How long a busy worker lets datagrams gather before it looks at its sockets: to be woken costs as much as
// many a datagram, and one wake-up serves all that are there. An idle worker looks at once.
//
// Owned by an engine, used on its worker's thread. The caller brings the time and does the waiting.
#pragma once

#include "common/clock/instant.hpp"

#include <chrono>
#include <cstdint>

namespace turnix::io {

class wake_up_pacer {
  public:
    /// Busy from this rate on, over a window.
    static constexpr std::uint64_t busy_per_second = 20'000;
    static constexpr std::chrono::milliseconds window{10};

    /// Zero: never lets them gather.
    explicit wake_up_pacer(std::chrono::microseconds pause) noexcept : pause_{pause} {}

    [[nodiscard]] bool is_wanted() const noexcept { return pause_.count() != 0; }

    /// The worker wakes up, having received so many datagrams in its life: how long it should wait now.
    [[nodiscard]] std::chrono::microseconds on_wake_up(monotonic_time now, std::uint64_t received) noexcept;

  private:
    std::chrono::microseconds pause_;
    monotonic_time window_began_{};
    std::uint64_t received_before_{0};
    bool is_busy_{false};
};

}  // namespace turnix::io
