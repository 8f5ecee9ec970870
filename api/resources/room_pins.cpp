#include "api/resources/room_pins.hpp"

#include <algorithm>

namespace turnix::api {

const room_pins::pin* room_pins::find(const project_id& project, const std::string& room,
                                      wall_time now) const {
    const auto found = pins_.find(key{project, room});
    return found == pins_.end() || found->second.until <= now ? nullptr : &found->second;
}

void room_pins::hold(const project_id& project, const std::string& room, pin where, wall_time now) {
    if (const auto known = pins_.find(key{project, room}); known != pins_.end()) {
        where.until = std::max(where.until, known->second.until);
        known->second = std::move(where);
        return;
    }
    if (pins_.size() == rooms_max) {
        std::erase_if(pins_, [now](const auto& each) { return each.second.until <= now; });
    }
    if (pins_.size() < rooms_max) pins_.emplace(key{project, room}, std::move(where));
}

}  // namespace turnix::api
