// Carries the relay's session events into the store, ten times a second, and shows each to whoever listens.
#pragma once

#include "api/sessions/session_tally.hpp"
#include "api/store/store.hpp"
#include "common/contract/session_control.hpp"

#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <vector>

namespace turnix::sessions {

/// Lives on the executor's thread. What it refers to outlives it; it outlives the last run of its executor.
class session_recorder {
  public:
    using listener = std::function<void(const contract::session_event&)>;

    /// `listen` is told of each event once, in their order.
    session_recorder(const boost::asio::any_io_executor& executor, contract::session_control& control,
                     store::store& store, listener listen);

    /// Ends the sessions that a process which died has left open, then takes events until stopped. Throws
    /// store_error.
    void start();
    /// Takes the last events and returns when they are committed: after the relay has stopped, and when the
    /// executor no longer runs. Throws store_error.
    void flush();
    /// What the events taken so far add up to. Any thread.
    [[nodiscard]] session_totals totals() const noexcept { return tally_.totals(); }

  private:
    void take();
    void take_events();
    void wait();

    contract::session_control& control_;
    store::store& store_;
    boost::asio::steady_timer timer_;
    listener listen_;
    session_tally tally_;
    std::vector<contract::session_event> pending_;  ///< taken from the relay, not yet by the store
};

}  // namespace turnix::sessions
