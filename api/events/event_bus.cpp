#include "api/events/event_bus.hpp"

#include <utility>

namespace turnix::events {

void event_bus::subscribe(subscriber who) {
    const std::scoped_lock lock{mutex_};
    subscribers_.push_back(std::move(who));
}

void event_bus::publish(const event& what) {
    const std::scoped_lock lock{mutex_};
    for (const auto& each : subscribers_) each(what);
}

}  // namespace turnix::events
