// What the event bus is told of a region that is down, or back.
#pragma once

#include "api/events/event.hpp"
#include "api/fleet/region_watch.hpp"

namespace turnix::api {

/// Of every project.
[[nodiscard]] events::event region_event(const fleet::region_change& change, wall_time at);

}  // namespace turnix::api
