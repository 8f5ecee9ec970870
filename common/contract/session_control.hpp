// What the API side may ask of the relay. Implemented by relay/relay, joined by the daemon.
#pragma once

#include <cstdint>

namespace turnix::contract {

struct relay_load {
    std::uint32_t sessions{0};
    std::uint32_t sessions_max{0};
    bool draining{false};

    [[nodiscard]] constexpr bool takes_new_sessions() const noexcept {
        return !draining && sessions < sessions_max;
    }
};

/// Every member may be called from any thread.
class session_control {
  public:
    session_control() = default;
    session_control(const session_control&) = delete;
    session_control& operator=(const session_control&) = delete;
    virtual ~session_control() = default;

    /// At most one tick of the workers' counters old; takes no lock.
    [[nodiscard]] virtual relay_load load() const noexcept = 0;
};

}  // namespace turnix::contract
