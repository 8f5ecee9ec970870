// Session events on their way from one worker to the control side: a ring of fixed size, and a backlog for
// what does not fit. No start and no end is ever lost while there is memory for the backlog; interim figures
// are, when the ring is full, because the next ones say more.
//
// Filled on the worker's thread, taken from on one other.
#pragma once

#include "common/contract/session_event.hpp"

#include <boost/lockfree/spsc_queue.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace turnix::relay {

class event_queue final : public contract::session_observer {
  public:
    static constexpr std::size_t ring_events = 4'096;

    /// The worker's thread.
    void on_session_event(contract::session_event event) noexcept override;
    /// The worker's thread, now and then: moves the backlog on.
    void advance();
    /// The worker's thread: starts and ends that there was no memory for.
    [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }
    /// The worker's thread, or whoever has joined it: nothing is added from here on.
    void finish() noexcept { finished_.store(true, std::memory_order_release); }

    /// The taker's thread: appends in order. After `finish`, all that is left.
    void take(std::vector<contract::session_event>& into);

  private:
    boost::lockfree::spsc_queue<contract::session_event, boost::lockfree::capacity<ring_events>> ring_;
    std::uint64_t lost_{0};
    std::deque<contract::session_event> backlog_;  ///< the worker's; the taker's once finished
    std::atomic<bool> finished_{false};
};

}  // namespace turnix::relay
