// Counters of one worker's I/O. Written by that worker alone, read by anyone: relaxed, without locked adds.
#pragma once

#include <atomic>
#include <cstdint>

namespace turnix::io {

/// A number that one thread adds to and others may read, a little late.
class counter {
  public:
    void add(std::uint64_t amount = 1) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

/// A snapshot of what a datagram engine did.
struct datagram_counters {
    std::uint64_t received{0};
    std::uint64_t sent{0};
    std::uint64_t send_queue_full{0};  ///< the kernel took no more: dropped
    std::uint64_t too_big{0};          ///< EMSGSIZE: beyond the path's MTU and not to be fragmented
    std::uint64_t send_refused{0};     ///< any other refusal of the kernel (unreachable, filtered): dropped
    std::uint64_t receive_failed{0};

    datagram_counters& operator+=(const datagram_counters& other) noexcept;
};

/// A snapshot of what stream listeners and connections did.
struct stream_counters {
    std::uint64_t accepted{0};
    std::uint64_t refused{0};           ///< too many idle ones of that source
    std::uint64_t accept_paused{0};     ///< descriptors ran short
    std::uint64_t handshake_failed{0};  ///< TLS
    std::uint64_t malformed{0};         ///< neither STUN nor channel data: closed
    std::uint64_t timed_out{0};         ///< slow handshake, slow first message, idle, stalled reader: closed
    std::uint64_t messages_dropped{0};  ///< write queue too long or too old

    stream_counters& operator+=(const stream_counters& other) noexcept;
};

}  // namespace turnix::io
