// What one worker's I/O counts, and sums of it. Counted on the worker's thread, read from any.
#pragma once

#include "common/telemetry/counter.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace turnix::io {

/// What happens to datagrams.
enum class datagram_event : std::uint8_t {
    received,
    sent,
    send_queue_full,  ///< the kernel took no more: dropped
    too_big,          ///< EMSGSIZE, beyond the MTU and not to be fragmented: dropped
    send_refused,     ///< any other refusal of the kernel (unreachable, filtered): dropped
    receive_failed,
};
inline constexpr std::size_t datagram_events = 6;

/// What happens to client connections.
enum class stream_event : std::uint8_t {
    accepted,
    refused,           ///< too many idle ones of that source: closed
    accept_paused,     ///< descriptors or memory ran short
    proxy_malformed,   ///< no PROXY header from where one is due: closed
    proxy_version_1,   ///< a PROXY header of version 1: closed
    handshake_failed,  ///< TLS
    malformed,         ///< neither STUN nor channel data: closed
    timed_out,         ///< slow handshake, slow first message, or idle: closed
    stalled,           ///< something was queued, and nothing taken for too long: closed
    dropped_full,      ///< a message for a client whose write queue is too long
    dropped_late,      ///< media for a client whose write queue is too old
    out_of_memory,     ///< what came could not be kept: closed
};
inline constexpr std::size_t stream_events = 12;

/// What happens to DTLS clients.
enum class dtls_event : std::uint8_t {
    cookie_sent,      ///< HelloVerifyRequest
    cookie_withheld,  ///< its receiver's budget or the time for strangers is used up
    accepted,         ///< a ClientHello with a valid cookie: the handshake begins
    refused,          ///< too many sessions, idle ones of that source or in all, or memory runs short
    handshake_failed,
    timed_out,  ///< slow handshake, slow first message, or idle: ended
    unknown,    ///< neither a ClientHello nor of a session: dropped
    dropped,    ///< a message to a client that fits no record
};
inline constexpr std::size_t dtls_events = 8;

/// Counts at some moment; those of several workers can be added up.
template <class Event, std::size_t Events>
struct event_totals {
    std::array<std::uint64_t, Events> counts{};

    [[nodiscard]] std::uint64_t of(Event event) const noexcept {
        return counts[static_cast<std::size_t>(event)];
    }
    event_totals& operator+=(const event_totals& other) noexcept {
        std::ranges::transform(counts, other.counts, counts.begin(), std::plus{});
        return *this;
    }
};

template <class Event, std::size_t Events>
class event_counters {
  public:
    /// The owning thread only.
    void add(Event event, std::uint64_t amount = 1) noexcept {
        counters_[static_cast<std::size_t>(event)].add(amount);
    }
    /// Any thread.
    [[nodiscard]] event_totals<Event, Events> totals() const noexcept {
        event_totals<Event, Events> totals;
        std::ranges::transform(counters_, totals.counts.begin(), &telemetry::counter::value);
        return totals;
    }

  private:
    std::array<telemetry::counter, Events> counters_;
};

using datagram_counters = event_counters<datagram_event, datagram_events>;
using datagram_totals = event_totals<datagram_event, datagram_events>;
using stream_counters = event_counters<stream_event, stream_events>;
using stream_totals = event_totals<stream_event, stream_events>;
using dtls_counters = event_counters<dtls_event, dtls_events>;
using dtls_totals = event_totals<dtls_event, dtls_events>;

}  // namespace turnix::io
