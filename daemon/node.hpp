// This node: relay, API and store, made from the settings, joined, started and stopped in order.
//
// Two sides. The relay has threads of its own. One control thread runs the API's io_context: HTTP and the
// recorder of session events. Made, started and stopped on the main thread.
#pragma once

#include "common/config/settings.hpp"
#include "daemon/process_events.hpp"

#include <cstddef>
#include <memory>

namespace turnix::daemon {

class node {
  public:
    /// Takes the data directory's lock, opens the store, binds every listener of relay and API. Throws
    /// std::runtime_error with what is at fault and the remedy.
    explicit node(const config::settings& settings);
    /// Stops first when that has not been done.
    ~node();
    node(const node&) = delete;
    node& operator=(const node&) = delete;

    /// Begins to serve. Once.
    void start();
    [[nodiscard]] ready_event ready() const;
    /// The API takes no more, every session ends, what is queued is written. Returns how many sessions ended.
    std::size_t stop();
    /// Did the control thread end on its own? Then SIGTERM was raised.
    [[nodiscard]] bool has_failed() const noexcept;

  private:
    class state;
    std::unique_ptr<state> state_;
};

}  // namespace turnix::daemon
