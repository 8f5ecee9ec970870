#include "relay/io/counters.hpp"

namespace turnix::io {

datagram_counters& datagram_counters::operator+=(const datagram_counters& other) noexcept {
    received += other.received;
    sent += other.sent;
    send_queue_full += other.send_queue_full;
    too_big += other.too_big;
    send_refused += other.send_refused;
    receive_failed += other.receive_failed;
    return *this;
}

stream_counters& stream_counters::operator+=(const stream_counters& other) noexcept {
    accepted += other.accepted;
    refused += other.refused;
    accept_paused += other.accept_paused;
    handshake_failed += other.handshake_failed;
    malformed += other.malformed;
    timed_out += other.timed_out;
    messages_dropped += other.messages_dropped;
    return *this;
}

}  // namespace turnix::io
