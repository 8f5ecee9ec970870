#include "relay/turn/shared_rate.hpp"

#include <limits>

namespace turnix::turn {

namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr auto shares_per_second = static_cast<std::uint64_t>(std::chrono::seconds{1} / shared_rate::share);
/// The most of which the time can be computed.
constexpr std::uint64_t share_max = std::numeric_limits<std::uint64_t>::max() / second_ns;

}  // namespace

std::uint64_t shared_rate::take(flow wanted, monotonic_time now) noexcept {
    const auto rate = std::max<std::uint64_t>(per_second_.load(std::memory_order_relaxed), 1);
    const auto taken = std::max(wanted.amount, std::min(rate / shares_per_second, share_max));
    const std::chrono::nanoseconds cost{taken * second_ns / rate};

    auto& kept = even_at_[static_cast<std::size_t>(wanted.along)];
    auto even_at = kept.load(std::memory_order_relaxed);
    while (true) {
        const auto from = std::max(monotonic_time{monotonic_time::duration{even_at}}, now);
        if (from - now > slack) return 0;
        const auto next = (from + cost).time_since_epoch().count();
        if (kept.compare_exchange_weak(even_at, next, std::memory_order_relaxed)) return taken;
    }
}

}  // namespace turnix::turn
