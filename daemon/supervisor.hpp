// What the main thread does while the node serves: it waits for signals, and once a second looks at the wall
// clock and at the process's loops, feeds the service manager's watchdog, and follows a drain to its end.
#pragma once

#include "common/clock/instant.hpp"
#include "daemon/clock_watch.hpp"
#include "daemon/loop_watch.hpp"
#include "daemon/node.hpp"
#include "daemon/signals.hpp"

#include <chrono>
#include <optional>

namespace turnix::daemon {

class supervisor {
  public:
    /// What it is given outlives it.
    supervisor(node& node, const process_signals& signals) : node_{node}, signals_{signals} {}

    /// Returns when the node is to be stopped: at SIGINT; at SIGTERM when no drain is configured or nothing
    /// lives, otherwise when the drain is over or a second signal comes.
    void run();

  private:
    /// After the next signal, or a second. Without memory it throws, to be asked again.
    [[nodiscard]] bool is_over();
    /// True when the signal ends the node now.
    [[nodiscard]] bool ends_now(int signal);
    void begin_drain(monotonic_time now, std::chrono::seconds timeout);
    [[nodiscard]] bool few_are_left() const;
    void look(const instant& now);

    node& node_;
    const process_signals& signals_;
    clock_watch clock_{instant::now()};
    loop_watch loops_;
    std::optional<int> signal_;  ///< that has come and is not heeded yet
    std::optional<monotonic_time> drain_deadline_;
};

}  // namespace turnix::daemon
