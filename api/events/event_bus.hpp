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
    /// Would the subscriber pass on an event of that kind in that project at this moment?
    using interest = std::function<bool(event_kind, const project_id&)>;

    void subscribe(subscriber who, interest in = always);
    /// Is there anybody to tell? What nobody would pass on need not be described.
    [[nodiscard]] bool is_wanted(event_kind kind, const project_id& of);
    void publish(const event& what);

  private:
    static bool always(event_kind /*kind*/, const project_id& /*of*/) { return true; }

    struct entry {
        subscriber who;
        interest in;
    };
    std::mutex mutex_;
    std::vector<entry> subscribers_;
};

}  // namespace turnix::events
