#include "relay/turn/traffic_budget.hpp"

namespace turnix::turn {

namespace {

constexpr std::uint64_t volume_share_max = 65'536;
constexpr std::uint64_t volume_shares = 1'024;

}  // namespace

void traffic_budget::limit(const traffic_limits& limits) noexcept {
    bit_rate_.limit(limits.bitrate_bps_max);
    packet_rate_.limit(limits.packets_per_second_max);
    has_rate_.store(bit_rate_.is_limited() || packet_rate_.is_limited(), std::memory_order_relaxed);
    bytes_max_.store(limits.bytes_max, std::memory_order_relaxed);
}

bool traffic_budget::is_volume_used_up() const noexcept {
    const auto most = bytes_max_.load(std::memory_order_relaxed);
    return most != 0 && bytes_used_.load(std::memory_order_relaxed) >= most;
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
    return from_->limits_rate() ? cover_rates(along, bytes, now) : shortage::none;
}

shortage budget_share::cover_rates(way along, std::uint64_t bytes, monotonic_time now) noexcept {
    if (!bits_.cover(from_->bit_rate(), {along, bytes * bits_per_byte}, now)) return shortage::bit_rate;
    if (!packets_.cover(from_->packet_rate(), {along, 1}, now)) return shortage::packet_rate;
    return shortage::none;
}

bool budget_share::is_news(shortage of, monotonic_time now) noexcept {
    auto& until = silent_until_[static_cast<std::size_t>(of)];
    if (now < until) return false;
    until = now + silence_after_news;
    return true;
}

}  // namespace turnix::turn
