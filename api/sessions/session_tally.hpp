// How many sessions have begun and ended, by what the relay's events say: for metrics.
#pragma once

#include "common/contract/session_event.hpp"
#include "common/net/endpoint.hpp"
#include "common/telemetry/counter.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace turnix::sessions {

inline constexpr auto transports = static_cast<std::size_t>(net::transport::dtls) + 1;
inline constexpr auto end_reasons = static_cast<std::size_t>(contract::end_reason::relay_failed) + 1;

/// Sums at some moment.
struct session_totals {
    std::array<std::uint64_t, transports> started{};  ///< by net::transport
    std::array<std::uint64_t, end_reasons> ended{};   ///< by contract::end_reason
};

class session_tally {
  public:
    /// The thread that takes the events; each event once.
    void count(std::span<const contract::session_event> events) noexcept;
    /// Any thread.
    [[nodiscard]] session_totals totals() const noexcept;

  private:
    std::array<telemetry::counter, transports> started_;
    std::array<telemetry::counter, end_reasons> ended_;
};

}  // namespace turnix::sessions
