// What the API side may ask of the relay. Implemented by relay/relay, joined by the daemon.
#pragma once

#include "common/contract/session_event.hpp"

#include <cstdint>
#include <vector>

namespace turnix::contract {

struct relay_load {
    std::uint32_t sessions{0};
    std::uint32_t sessions_max{0};
    bool draining{false};

    [[nodiscard]] constexpr bool takes_new_sessions() const noexcept {
        return !draining && sessions < sessions_max;
    }
};

/// Implemented by the relay for the whole node.
class session_control {
  public:
    session_control() = default;
    session_control(const session_control&) = delete;
    session_control& operator=(const session_control&) = delete;
    virtual ~session_control() = default;

    /// At most one tick of the workers' counters old; takes no lock; any thread.
    [[nodiscard]] virtual relay_load load() const noexcept = 0;

    /// Appends what the workers have reported since the last call, in order for each session until it moves
    /// (session_moved). One thread only.
    virtual void take_events(std::vector<session_event>& into) = 0;
};

}  // namespace turnix::contract
