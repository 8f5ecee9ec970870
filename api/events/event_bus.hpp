// From those who know what happened to those who pass it on.
//
// Subscribers are added before the first event and outlive the bus's use. Any thread publishes; subscribers
// are called on that thread, one event at a time, and must be quick: they queue, they do not wait.
#pragma once

#include "api/events/event.hpp"

#include <functional>
#include <mutex>
#include <vector>

namespace turnix::events {

class event_bus {
  public:
    using subscriber = std::function<void(const event&)>;

    void subscribe(subscriber who);
    void publish(const event& what);

  private:
    std::mutex mutex_;
    std::vector<subscriber> subscribers_;
};

}  // namespace turnix::events
