// A rate each way, of bits or of packets, that all workers of the node hold together: the generic cell rate
// algorithm. Zero: no limit.
//
// The node's part is an atomic for each way that workers take shares from, any thread; a worker's part is a
// plain number that its datagrams are charged to. A share is what passes in a fiftieth of a second, or one
// datagram where that is more.
#pragma once

#include "common/clock/instant.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace turnix::turn {

enum class way : std::uint8_t { up, down };

/// Bits or packets.
struct flow {
    way along;
    std::uint64_t amount;
};

class shared_rate {
  public:
    static constexpr std::chrono::nanoseconds share{std::chrono::milliseconds{20}};
    /// How far ahead of its rate a holder may run before it is held back.
    static constexpr std::chrono::nanoseconds slack{std::chrono::milliseconds{50}};

    /// In the place of the limit before.
    void limit(std::uint64_t per_second) noexcept {
        per_second_.store(per_second, std::memory_order_relaxed);
    }
    [[nodiscard]] bool is_limited() const noexcept {
        return per_second_.load(std::memory_order_relaxed) != 0;
    }
    /// Takes a share of at least what is wanted, a datagram's at most; 0 when there is none. There must be a
    /// limit.
    [[nodiscard]] std::uint64_t take(flow wanted, monotonic_time now) noexcept;

  private:
    std::atomic<std::uint64_t> per_second_{0};
    /// When the rate has made up for what was taken, by way.
    std::array<std::atomic<monotonic_time::rep>, 2> even_at_{};
};

/// One worker's share of a rate, used on its thread.
class rate_share {
  public:
    /// Is there enough, once another share was taken if need be?
    [[nodiscard]] bool cover(shared_rate& from, flow wanted, monotonic_time now) noexcept {
        auto& left = left_[static_cast<std::size_t>(wanted.along)];
        if (left >= wanted.amount || !from.is_limited()) return true;
        const auto more = from.take({wanted.along, wanted.amount - left}, now);
        left += more;
        return more != 0;
    }
    void spend(flow spent) noexcept {
        auto& left = left_[static_cast<std::size_t>(spent.along)];
        left -= std::min(left, spent.amount);
    }

  private:
    std::array<std::uint64_t, 2> left_{};  ///< by way
};

}  // namespace turnix::turn
