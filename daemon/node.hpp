// This node: relay, API and store, made from the settings, joined, started and stopped in order.
//
// Two sides. The relay has threads of its own. The API has two: the control thread runs HTTP and the recorder
// of session events, the desk thread what waits for the store. Where the status server is on, it has one
// more. Made, started and stopped on the main thread.
#pragma once

#include "common/config/settings.hpp"
#include "daemon/capacity.hpp"
#include "daemon/check_command.hpp"
#include "daemon/loop_watch.hpp"
#include "daemon/process_events.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace turnix::daemon {

class node {
  public:
    /// Raises the limit of descriptors, takes the data directory's lock, opens the store, binds every
    /// listener of relay and API. Throws std::runtime_error with what is at fault and the remedy. `source` is
    /// where the settings came from: a reload reads it again.
    node(const config::settings& settings, configuration_options source);
    /// Stops first when that has not been done.
    ~node();
    node(const node&) = delete;
    node& operator=(const node&) = delete;

    /// Begins to serve. Once.
    void start();
    [[nodiscard]] ready_event ready() const;
    /// Beyond it, Allocate is answered with 508.
    [[nodiscard]] const capacity& room() const noexcept;
    /// Reads the configuration again, soon, and logs what came of it. Any thread.
    void request_reload();
    /// How SIGTERM is to be taken now: a reload may change it. Any thread.
    [[nodiscard]] config::drain_settings drain() const;
    /// New sessions are refused from now on, and the node says that it is not ready; what lives goes on.
    void begin_drain();
    [[nodiscard]] std::size_t sessions() const noexcept;
    /// The main thread's loop turns. Main thread.
    void tick() noexcept;
    /// Every loop of the process, the main thread's included. Any thread.
    [[nodiscard]] std::vector<loop_pulse> loops() const;
    /// The API takes no more, every session ends, what is queued is written. Returns how many sessions ended.
    std::size_t stop();
    /// Did the control, the desk or the status thread end on its own, which raises SIGTERM? Or could the last
    /// records not be written?
    [[nodiscard]] bool has_failed() const noexcept;

  private:
    class state;
    std::unique_ptr<state> state_;
};

}  // namespace turnix::daemon
