// Counters of one worker's I/O. Written by that worker alone, read by anyone: relaxed, without locked adds.
#pragma once

#include <atomic>
#include <cstdint>

namespace turnix::io {

/// A number that one thread adds to and others may read, a little late.
class counter {
  public:
    counter& operator+=(std::uint64_t amount) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
        return *this;
    }
    counter& operator++() noexcept { return *this += 1; }
    operator std::uint64_t() const noexcept { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

/// What a datagram engine did. Number: `counter` where it counts, a plain integer in snapshots and sums.
template <class Number>
struct basic_datagram_counters {
    Number received{};
    Number sent{};
    Number send_queue_full{};  ///< the kernel took no more: dropped
    Number too_big{};          ///< EMSGSIZE: beyond the MTU and not to be fragmented
    Number send_refused{};     ///< any other refusal of the kernel (unreachable, filtered): dropped
    Number receive_failed{};

    template <class Other>
    basic_datagram_counters& operator+=(const basic_datagram_counters<Other>& other) noexcept {
        received += other.received;
        sent += other.sent;
        send_queue_full += other.send_queue_full;
        too_big += other.too_big;
        send_refused += other.send_refused;
        receive_failed += other.receive_failed;
        return *this;
    }
};
using datagram_counters = basic_datagram_counters<std::uint64_t>;
using live_datagram_counters = basic_datagram_counters<counter>;

/// What stream listeners and connections did.
template <class Number>
struct basic_stream_counters {
    Number accepted{};
    Number refused{};           ///< too many idle ones of that source
    Number accept_paused{};     ///< descriptors ran short
    Number handshake_failed{};  ///< TLS
    Number malformed{};         ///< neither STUN nor channel data: closed
    Number timed_out{};         ///< slow handshake, slow first message, idle, stalled reader: closed
    Number messages_dropped{};  ///< the write queue was too long or too old

    template <class Other>
    basic_stream_counters& operator+=(const basic_stream_counters<Other>& other) noexcept {
        accepted += other.accepted;
        refused += other.refused;
        accept_paused += other.accept_paused;
        handshake_failed += other.handshake_failed;
        malformed += other.malformed;
        timed_out += other.timed_out;
        messages_dropped += other.messages_dropped;
        return *this;
    }
};
using stream_counters = basic_stream_counters<std::uint64_t>;
using live_stream_counters = basic_stream_counters<counter>;

}  // namespace turnix::io
