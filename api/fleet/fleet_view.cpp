#include "api/fleet/fleet_view.hpp"

#include <algorithm>

namespace turnix::fleet {

bool node_view::takes_new_sessions() const noexcept {
    const bool serves = is_online() && status.state == gossip::declared_state::serving;
    return serves && status.sessions < status.sessions_max;
}

double node_view::load() const noexcept {
    return static_cast<double>(status.sessions) / std::max<double>(1, status.sessions_max);
}

fleet_view::fleet_view(std::span<const gossip::member> members) {
    nodes_.reserve(members.size());
    for (const auto& each : members) {
        const auto status = each.record ? each.record->values.status : gossip::node_status{};
        nodes_.push_back({.id = each.id, .state = each.state(), .status = status});
    }
}

const node_view* fleet_view::find(const gossip::node_id& node) const noexcept {
    const auto found = std::ranges::lower_bound(nodes_, node, {}, &node_view::id);
    return found != nodes_.end() && found->id == node ? &*found : nullptr;
}

}  // namespace turnix::fleet
