// Shows the API what the relay does, one interval of figures after the other, and looks after its streams.
//
// The timer is of the control thread; asking the relay waits for its workers and is the desk thread's.
#pragma once

#include "api/resources/control_api.hpp"
#include "relay/relay.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace turnix::daemon {

class figures_clock {
  public:
    struct executors {
        boost::asio::any_io_executor control;
        boost::asio::any_io_executor desk;
    };
    /// Relay and API outlive it; it outlives the last run of both executors.
    figures_clock(executors on, relay::relay& relay, api::control_api& api);

    /// Main thread, before the executors run.
    void start() { wait(); }

  private:
    void wait();
    /// Desk thread.
    void look();

    executors executors_;
    relay::relay& relay_;
    api::control_api& api_;
    boost::asio::steady_timer timer_;
    bool looking_{false};
};

}  // namespace turnix::daemon
