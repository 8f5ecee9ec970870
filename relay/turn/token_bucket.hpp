// A token bucket in one number: the moment at which it will be full again (the generic cell rate algorithm).
//
// A plain value of eight bytes for its single owner; source_budget keeps the same number in an atomic. Time
// comes in. A bucket that was never used is full.
#pragma once

#include "common/clock/instant.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace turnix::turn {

/// One token every `interval`, at most `burst` of them saved up. With a burst of 0 nothing is ever granted.
struct token_rate {
    std::chrono::nanoseconds interval{std::chrono::seconds{1}};
    std::uint32_t burst{0};

    [[nodiscard]] static constexpr token_rate per_second(std::uint32_t tokens, std::uint32_t burst) noexcept {
        return spread(std::chrono::seconds{1}, tokens, burst);
    }
    /// A minute's tokens may be taken at once.
    [[nodiscard]] static constexpr token_rate per_minute(std::uint32_t tokens) noexcept {
        return spread(std::chrono::minutes{1}, tokens, tokens);
    }

  private:
    // Rounded up: never faster than asked for.
    static constexpr token_rate spread(std::chrono::nanoseconds period, std::uint32_t tokens,
                                       std::uint32_t burst) noexcept {
        if (tokens == 0) return {};
        return {.interval = (period + std::chrono::nanoseconds{tokens - 1}) / tokens, .burst = burst};
    }
};

class token_bucket {
  public:
    /// Takes one token if there is one.
    [[nodiscard]] constexpr bool take(const token_rate& rate, monotonic_time now) noexcept {
        const auto next = after_taking(full_at_, rate, now);
        if (next) full_at_ = *next;
        return next.has_value();
    }

    /// When the bucket will be full once a token is taken from one that is full at `full_at`; nothing when
    /// there is no token.
    [[nodiscard]] static constexpr std::optional<monotonic_time> after_taking(monotonic_time full_at,
                                                                              const token_rate& rate,
                                                                              monotonic_time now) noexcept {
        const auto next = std::max(full_at, now) + rate.interval;
        if (next - now > rate.burst * rate.interval) return std::nullopt;
        return next;
    }

  private:
    monotonic_time full_at_{};
};

}  // namespace turnix::turn
