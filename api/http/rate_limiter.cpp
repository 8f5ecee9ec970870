#include "api/http/rate_limiter.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace turnix::http {

namespace {

/// Between two sweeps of the table; a bucket that nobody uses is full long before.
constexpr std::chrono::seconds sweep_interval{60};
/// The same while the table has no room.
constexpr std::chrono::seconds sweep_interval_when_full{1};

}  // namespace

std::size_t rate_limiter::first_bytes::operator()(const key& value) const noexcept {
    std::size_t first{};
    std::memcpy(&first, value.data(), sizeof first);
    return first;
}

std::optional<std::chrono::seconds> rate_limiter::charge(const key& holder, monotonic_time now) {
    auto& found = bucket_of(holder, now);
    refill(found, now);
    if (found.tokens >= 1) {
        found.tokens -= 1;
        return std::nullopt;
    }
    return std::chrono::seconds{std::lround(std::ceil((1 - found.tokens) / rate_.per_second))};
}

rate_limiter::bucket& rate_limiter::bucket_of(const key& holder, monotonic_time now) {
    const bool is_full = buckets_.size() >= keys_max_;
    if (now - swept_at_ >= (is_full ? sweep_interval_when_full : sweep_interval)) drop_full_buckets(now);
    const auto found = buckets_.find(holder);
    if (found != buckets_.end()) return found->second;
    if (buckets_.size() >= keys_max_) return of_the_others_;
    return buckets_.emplace(holder, bucket{.tokens = double(rate_.burst), .filled_at = now}).first->second;
}

void rate_limiter::refill(bucket& which, monotonic_time now) const noexcept {
    const std::chrono::duration<double> passed = now - which.filled_at;
    which.tokens = std::min(double(rate_.burst), which.tokens + passed.count() * rate_.per_second);
    which.filled_at = now;
}

void rate_limiter::drop_full_buckets(monotonic_time now) {
    swept_at_ = now;
    boost::unordered::erase_if(buckets_, [this, now](auto& entry) {
        refill(entry.second, now);
        return entry.second.tokens >= rate_.burst;
    });
}

}  // namespace turnix::http
