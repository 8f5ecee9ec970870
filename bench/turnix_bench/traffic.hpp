// Datagrams through the relay, one way or both, and what became of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "bench/turnix_bench/client_crowd.hpp"
#include "bench/turnix_bench/measurement.hpp"
#include "bench/turnix_bench/options.hpp"
#include "bench/turnix_bench/udp_batch.hpp"

namespace turnix::bench {

struct traffic_result {
    std::uint64_t sent{0};
    std::uint64_t received{0};
    std::uint64_t lost{0};
    double seconds{0};
    latency_histogram latency;
};

/// What a datagram carries at least: when it left.
inline constexpr std::size_t payload_bytes_min = sizeof(std::uint64_t);

class traffic {
  public:
    /// The crowd is set up towards the peer's socket; both outlive it.
    traffic(const load& wanted, client_crowd& clients, const io::file_descriptor& peer);

    /// Sends for that long and waits for what is still on its way.
    traffic_result run(std::chrono::milliseconds duration);

  private:
    using clock = std::chrono::steady_clock;

    [[nodiscard]] bool may_send() const noexcept;
    void send_next() noexcept;
    void receive(std::chrono::milliseconds patience);
    void take(std::span<const std::byte> payload) noexcept;
    void write_off_lost() noexcept;

    const load& wanted_;
    client_crowd& clients_;
    const io::file_descriptor& peer_;
    send_burst up_;
    send_burst down_;
    receive_many received_;
    std::size_t next_{0};
    bool next_is_up_{true};
    clock::time_point started_{};
    clock::time_point last_arrival_{};
    traffic_result result_;
};

}  // namespace turnix::bench
