// How many requests a holder of a token, or a project, may make: one token bucket a key.
//
// Keys are identifiers of authenticated tokens and projects, so the table is as large as the tenants that
// called lately; full buckets are dropped. One thread: that of the server's io_context.
#pragma once

#include "common/clock/instant.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <chrono>
#include <cstdint>
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

    explicit rate_limiter(request_rate rate) noexcept : rate_{rate} {}

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

    void refill(bucket& which, monotonic_time now) const noexcept;
    void drop_full_buckets(monotonic_time now);

    request_rate rate_;
    monotonic_time swept_at_;
    boost::unordered_flat_map<key, bucket, first_bytes> buckets_;
};

}  // namespace turnix::http
