// How much one holder, a credential or a project, may still relay on this node, over all workers together: a
// bit rate and a packet rate each way, and a volume both ways together. Were a rate for both ways, who sends
// far beyond it would leave nothing for the way down to the other end of the same call.
//
// The node's part is a handful of atomics that workers take shares from; a worker's part is a plain number
// that its datagrams are charged to, so that no datagram but the one that opens a share touches an atomic
// that is contended. A share is a fiftieth of a second of a rate and a thousandth of the volume, or one
// datagram where that is more.
#pragma once

#include "common/clock/instant.hpp"
#include "relay/turn/shared_rate.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

namespace turnix::turn {

/// Zero: no limit.
struct traffic_limits {
    std::uint64_t bitrate_bps_max{0};
    std::uint32_t packets_per_second_max{0};
    std::uint64_t bytes_max{0};

    friend bool operator==(const traffic_limits&, const traffic_limits&) = default;
};

class traffic_budget {
  public:
    /// In the place of the limits before; what has been used stays used.
    void limit(const traffic_limits& limits) noexcept;
    /// Counts anew from here: no share that is out is given back to it.
    void set_used(std::uint64_t bytes) noexcept {
        count_.fetch_add(1, std::memory_order_relaxed);
        bytes_used_.store(bytes, std::memory_order_relaxed);
    }
    /// What was relayed before there was a limit.
    void add_used(std::uint64_t bytes) noexcept { bytes_used_.fetch_add(bytes, std::memory_order_relaxed); }

    /// Of bits or of packets: one look for a holder without either.
    [[nodiscard]] bool limits_rate() const noexcept { return has_rate_.load(std::memory_order_relaxed); }
    [[nodiscard]] shared_rate& bit_rate() noexcept { return bit_rate_; }
    [[nodiscard]] shared_rate& packet_rate() noexcept { return packet_rate_; }
    [[nodiscard]] bool limits_volume() const noexcept {
        return bytes_max_.load(std::memory_order_relaxed) != 0;
    }
    [[nodiscard]] bool is_volume_used_up() const noexcept;
    /// What workers have taken and not given back.
    [[nodiscard]] std::uint64_t bytes_used() const noexcept {
        return bytes_used_.load(std::memory_order_relaxed);
    }

    /// Takes a share of at least `wanted` bytes; 0 when there is none. Without a limit it is counted, for one
    /// that may come.
    [[nodiscard]] std::uint64_t take_volume(std::uint64_t wanted) noexcept;
    /// Which count what is taken now belongs to.
    [[nodiscard]] std::uint32_t count() const noexcept { return count_.load(std::memory_order_relaxed); }
    /// Of the volume, never below zero; nothing when another count has begun since.
    void give_back(std::uint64_t bytes, std::uint32_t of_count) noexcept;

  private:
    std::atomic<bool> has_rate_{false};
    std::atomic<std::uint64_t> bytes_max_{0};
    std::atomic<std::uint64_t> bytes_used_{0};
    std::atomic<std::uint32_t> count_{0};
    shared_rate bit_rate_;
    shared_rate packet_rate_;
};

/// A holder's shortage is told of once in so long.
inline constexpr std::chrono::minutes silence_after_news{1};

/// Why a datagram may not go.
enum class shortage : std::uint8_t { none, bit_rate, packet_rate, volume };

/// One worker's share of a budget, used on its thread.
class budget_share {
  public:
    explicit budget_share(std::shared_ptr<traffic_budget> from) noexcept : from_{std::move(from)} {}
    budget_share(const budget_share&) = delete;
    budget_share& operator=(const budget_share&) = delete;
    ~budget_share() { from_->give_back(volume_left_, volume_count_); }

    [[nodiscard]] traffic_budget& budget() const noexcept { return *from_; }

    /// Is there enough for a datagram, once another share was taken if need be?
    [[nodiscard]] shortage cover(way along, std::uint64_t bytes, monotonic_time now) noexcept;
    /// After `cover` found enough.
    void spend(way along, std::uint64_t bytes) noexcept {
        bits_.spend({along, bytes * bits_per_byte});
        packets_.spend({along, 1});
        volume_left_ -= std::min(volume_left_, bytes);
    }

    /// Is this shortage to be told of? Once in `silence_after_news` for each kind.
    [[nodiscard]] bool is_news(shortage of, monotonic_time now) noexcept;

  private:
    static constexpr std::uint64_t bits_per_byte = 8;

    [[nodiscard]] shortage cover_rates(way along, std::uint64_t bytes, monotonic_time now) noexcept;

    std::shared_ptr<traffic_budget> from_;
    rate_share bits_;
    rate_share packets_;
    std::uint64_t volume_left_{0};
    std::uint32_t volume_count_{0};
    std::array<monotonic_time, 4> silent_until_{};  ///< by shortage
};

/// What one session's datagrams are charged to.
struct traffic_allowance {
    std::shared_ptr<budget_share> of_credential;  ///< null until it has a limit
    std::shared_ptr<budget_share> of_project;
    /// The credential's budget that what the session has relayed is counted in; it goes with the session from
    /// worker to worker.
    std::shared_ptr<traffic_budget> counted_in;
};

}  // namespace turnix::turn
