#include "relay/turn/traffic_budget.hpp"

namespace turnix::turn {

namespace {

constexpr std::uint64_t volume_share_max = 65'536;
constexpr std::uint64_t volume_shares = 1'024;
constexpr std::chrono::minutes silence_after_news{1};

constexpr auto shares_per_second =
    static_cast<std::uint64_t>(std::chrono::seconds{1} / traffic_budget::share);

std::chrono::nanoseconds time_of(std::uint64_t bytes, std::uint64_t bitrate_bps) noexcept {
    constexpr std::uint64_t bit_nanoseconds = 8'000'000'000;
    return std::chrono::nanoseconds{bytes * bit_nanoseconds / bitrate_bps};
}

}  // namespace

void traffic_budget::limit(const traffic_limits& limits) noexcept {
    bitrate_bps_max_.store(limits.bitrate_bps_max, std::memory_order_relaxed);
    bytes_max_.store(limits.bytes_max, std::memory_order_relaxed);
}

bool traffic_budget::is_volume_used_up() const noexcept {
    const auto most = bytes_max_.load(std::memory_order_relaxed);
    return most != 0 && bytes_used_.load(std::memory_order_relaxed) >= most;
}

std::uint64_t traffic_budget::take_rate(way along, std::uint64_t wanted, monotonic_time now) noexcept {
    const auto rate = std::max<std::uint64_t>(bitrate_bps_max_.load(std::memory_order_relaxed), 1);
    const auto usual = rate / 8 / shares_per_second;
    const auto taken = std::max(wanted, usual);
    const auto cost = wanted > usual ? time_of(wanted, rate) : share;

    auto& kept = even_at_[static_cast<std::size_t>(along)];
    auto even_at = kept.load(std::memory_order_relaxed);
    while (true) {
        const auto from = std::max(monotonic_time{monotonic_time::duration{even_at}}, now);
        if (from - now > slack) return 0;
        const auto next = (from + cost).time_since_epoch().count();
        if (kept.compare_exchange_weak(even_at, next, std::memory_order_relaxed)) return taken;
    }
}

std::uint64_t traffic_budget::take_volume(std::uint64_t wanted) noexcept {
    const auto most = bytes_max_.load(std::memory_order_relaxed);
    if (most == 0) {
        const auto taken = std::max(wanted, volume_share_max);
        add_used(taken);
        return taken;
    }
    const auto usual = std::min(most / volume_shares, volume_share_max);
    auto used = bytes_used_.load(std::memory_order_relaxed);
    while (used < most && wanted <= most - used) {
        const auto taken = std::min(std::max(wanted, usual), most - used);
        if (bytes_used_.compare_exchange_weak(used, used + taken, std::memory_order_relaxed)) return taken;
    }
    return 0;
}

void traffic_budget::give_back(std::uint64_t bytes, std::uint32_t of_count) noexcept {
    if (of_count != count()) return;
    auto used = bytes_used_.load(std::memory_order_relaxed);
    while (
        !bytes_used_.compare_exchange_weak(used, used - std::min(used, bytes), std::memory_order_relaxed)) {
    }
}

shortage budget_share::cover(way along, std::uint64_t bytes, monotonic_time now) noexcept {
    if (volume_left_ < bytes) {
        if (std::exchange(volume_count_, from_->count()) != volume_count_) volume_left_ = 0;
        const auto more = from_->take_volume(bytes - volume_left_);
        if (more == 0) return shortage::volume;
        volume_left_ += more;
    }
    auto& rate_left = rate_left_[static_cast<std::size_t>(along)];
    if (from_->limits_rate() && rate_left < bytes) {
        const auto more = from_->take_rate(along, bytes - rate_left, now);
        if (more == 0) return shortage::rate;
        rate_left += more;
    }
    return shortage::none;
}

bool budget_share::is_news(shortage of, monotonic_time now) noexcept {
    auto& until = silent_until_[static_cast<std::size_t>(of)];
    if (now < until) return false;
    until = now + silence_after_news;
    return true;
}

}  // namespace turnix::turn
