// What the API side may ask of the relay. Implemented by relay/relay, joined by the daemon.
#pragma once

#include "common/contract/live_session.hpp"
#include "common/contract/load_step.hpp"
#include "common/contract/override_set.hpp"
#include "common/contract/project_limits.hpp"
#include "common/contract/session_event.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace turnix::contract {

struct relay_load {
    std::uint32_t sessions{0};
    std::uint32_t sessions_max{0};
    bool draining{false};
    load_step step{load_step::none};

    [[nodiscard]] constexpr bool takes_new_sessions() const noexcept {
        return !draining && sessions < sessions_max && step < load_step::newcomers_refused;
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

    /// While it is draining, this node answers new Allocates with 300 or 508; what lives goes on. So from
    /// when this returns: it waits for the workers.
    virtual void set_draining(bool draining) = 0;

    /// Appends what the workers have reported since the last call, in order for each session until it moves
    /// (session_moved). One thread only.
    virtual void take_events(std::vector<session_event>& into) = 0;

    /// All sessions of this node, with counters that are at most a second old. Waits for the workers to look.
    [[nodiscard]] virtual std::shared_ptr<const std::vector<live_session>> live_sessions() = 0;
    /// Ends a session (reason: terminated); false when there is none of that id. Waits for the workers.
    virtual bool terminate(const session_id& which) = 0;

    /// From here on these overrides hold, in the place of those before: sessions that they end are gone at
    /// once, the term and the limits of others change. Does not wait.
    virtual void use(std::shared_ptr<const override_set> overrides) = 0;

    /// Sets what a project may use of this node, in the place of what was set before; `bytes_used` is what
    /// has been used of bytes_max already. Does not wait.
    virtual void limit(const project_id& project, const project_limits& limits, std::uint64_t bytes_used) = 0;
};

}  // namespace turnix::contract
