// The signals that end the daemon or have it reload, waited for instead of handled: no code runs in a
// signal's context.
#pragma once

#include <chrono>
#include <optional>

#include <signal.h>

namespace turnix::daemon {

/// Made on the main thread before any other thread, which all inherit that these signals are blocked.
/// Ignores SIGPIPE: a peer that is gone is an error of the write.
class process_signals {
  public:
    process_signals();

    /// SIGTERM, SIGINT or SIGHUP, or nothing when none came in this time.
    [[nodiscard]] std::optional<int> wait(std::chrono::seconds at_most) const;
    /// Makes wait() return SIGTERM. Any thread.
    static void raise() noexcept;

  private:
    sigset_t set_{};
};

}  // namespace turnix::daemon
