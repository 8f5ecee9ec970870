#include "relay/io/wake_up_pacer.hpp"

namespace turnix::io {

std::chrono::microseconds wake_up_pacer::on_wake_up(monotonic_time now, std::uint64_t received) noexcept {
    const auto passed = now - window_began_;
    if (passed >= window) {
        const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(passed).count();
        const std::uint64_t at_least = busy_per_second * static_cast<std::uint64_t>(milliseconds) / 1'000;
        is_busy_ = received - received_before_ >= at_least;
        window_began_ = now;
        received_before_ = received;
    }
    return is_busy_ ? pause_ : std::chrono::microseconds::zero();
}

}  // namespace turnix::io
