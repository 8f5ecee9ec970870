// How many requests a holder of a token, a project or a source of wrong tokens may make: one token bucket a
// key.
//
// Full buckets are dropped, so that the table is as large as those that called lately; where strangers choose
// the keys it has an end. One thread: that of the server's io_context.
#pragma once

#include "common/clock/instant.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace turnix::http {

struct request_rate {
    std::uint32_t per_second{0};
    std::uint32_t burst{0};
};

class rate_limiter {
  public:
    /// The bytes of an identifier, which are random and hash themselves.
    using key = std::array<std::uint8_t, 16>;

    /// Beyond keys_max that called lately, further ones share one bucket.
    explicit rate_limiter(request_rate rate,
                          std::size_t keys_max = std::numeric_limits<std::size_t>::max()) noexcept
        : rate_{rate}, keys_max_{keys_max} {}

    /// Buckets that hold more than the new burst are cut down to it when they are next asked.
    void change(request_rate rate) noexcept { rate_ = rate; }

    /// Takes one request out of the key's budget. Nothing when it is admitted, otherwise how long to wait,
    /// rounded up to a whole second.
    [[nodiscard]] std::optional<std::chrono::seconds> charge(const key& holder, monotonic_time now);

    [[nodiscard]] std::size_t size() const noexcept { return buckets_.size(); }

  private:
    struct bucket {
        double tokens{0};
        monotonic_time filled_at;
    };
    struct first_bytes {
        std::size_t operator()(const key& value) const noexcept;
    };

    /// Its own, or the one for all for whom there is no room.
    [[nodiscard]] bucket& bucket_of(const key& holder, monotonic_time now);
    void refill(bucket& which, monotonic_time now) const noexcept;
    void drop_full_buckets(monotonic_time now);

    request_rate rate_;
    std::size_t keys_max_;
    monotonic_time swept_at_;
    boost::unordered_flat_map<key, bucket, first_bytes> buckets_;
    bucket of_the_others_;
};

}  // namespace turnix::http
