// What the channel has counted: connections to other nodes, and what became of what was asked over them.
//
// The control thread counts, any other may read, a little late.
#pragma once

#include "common/telemetry/counter.hpp"
#include "common/telemetry/latency_histogram.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace turnix::channel {

enum class connection_event : std::uint8_t {
    opened,            ///< each end has shown its key
    unreachable,       ///< no TCP connection, or not in time
    handshake_failed,  ///< one end is none of the fleet's for the other, or too slow
    closed,            ///< after it was opened: idle, late, broken, or at the end
};
inline constexpr std::size_t connection_events = 4;

enum class request_outcome : std::uint8_t {
    answered,
    unreachable,  ///< no connection could be made, now or just before
    late,         ///< no answer within node_client::answer_time
    broken,       ///< the connection ended, or what came was no answer
    overrun,      ///< too many wait already
};
inline constexpr std::size_t request_outcomes = 5;

/// An event's name is its enumerator's, and stable text.
std::string_view to_string(connection_event value) noexcept;
std::string_view to_string(request_outcome value) noexcept;

/// Counts at some moment.
struct channel_totals {
    std::array<std::uint64_t, connection_events> connections{};
    std::array<std::uint64_t, request_outcomes> requests{};
    telemetry::latency_totals answers;  ///< how long those that were answered took
};

class channel_counters {
  public:
    void count(connection_event what) noexcept { connections_.at(static_cast<std::size_t>(what)).add(); }
    void count(request_outcome what) noexcept { requests_.at(static_cast<std::size_t>(what)).add(); }
    void count_answer(std::chrono::nanoseconds took) noexcept {
        count(request_outcome::answered);
        answers_.add(took);
    }
    [[nodiscard]] channel_totals totals() const noexcept;

  private:
    std::array<telemetry::counter, connection_events> connections_{};
    std::array<telemetry::counter, request_outcomes> requests_{};
    telemetry::latency_histogram answers_;
};

}  // namespace turnix::channel
