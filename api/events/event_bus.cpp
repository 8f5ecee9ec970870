#include "api/events/event_bus.hpp"

#include <algorithm>
#include <utility>

namespace turnix::events {

void event_bus::subscribe(subscriber who, interest in) {
    const std::scoped_lock lock{mutex_};
    subscribers_.push_back({.who = std::move(who), .in = std::move(in)});
}

bool event_bus::is_wanted(event_kind kind, const project_id& of) {
    const std::scoped_lock lock{mutex_};
    return std::ranges::any_of(subscribers_, [&](const entry& each) { return each.in(kind, of); });
}

void event_bus::publish(const event& what) {
    const std::scoped_lock lock{mutex_};
    for (const auto& each : subscribers_) each.who(what);
}

}  // namespace turnix::events
