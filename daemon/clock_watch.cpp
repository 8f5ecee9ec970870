#include "daemon/clock_watch.hpp"

#include <utility>

namespace turnix::daemon {

std::optional<std::chrono::milliseconds> clock_watch::jump(const instant& now) noexcept {
    const auto before = std::exchange(last_, now);
    const auto jumped = (now.wall - before.wall) - (now.monotonic - before.monotonic);
    if (std::chrono::abs(jumped) <= jump_least) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::milliseconds>(jumped);
}

}  // namespace turnix::daemon
