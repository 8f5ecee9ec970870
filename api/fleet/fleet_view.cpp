#include "api/fleet/fleet_view.hpp"

#include <algorithm>
#include <tuple>

namespace turnix::fleet {

bool node_view::takes_new_sessions() const noexcept {
    const bool serves = is_online() && status.state == gossip::declared_state::serving;
    return serves && status.sessions < status.sessions_max;
}

double node_view::load() const noexcept {
    return static_cast<double>(status.sessions) / std::max<double>(1, status.sessions_max);
}

fleet_view::fleet_view(const gossip_look& from) : paths_{from.paths}, is_stale_{from.is_minority} {
    nodes_.reserve(from.members.size());
    for (const auto& each : from.members) {
        const auto status = each.record ? each.record->values.status : gossip::node_status{};
        nodes_.push_back({.id = each.id, .state = each.state(), .status = status});
    }
}

const node_view* fleet_view::find(const gossip::node_id& node) const noexcept {
    const auto found = std::ranges::lower_bound(nodes_, node, {}, &node_view::id);
    return found != nodes_.end() && found->id == node ? &*found : nullptr;
}

std::optional<gossip::round_trip_time> fleet_view::round_trip(const gossip::node_id& a,
                                                              const gossip::node_id& b) const noexcept {
    std::optional<gossip::round_trip_time> least;
    if (!paths_) return least;
    const auto ends_of = [](const gossip::measured_path& path) { return std::tie(path.from, path.to); };
    for (const auto& [from, to] : {std::tie(a, b), std::tie(b, a)}) {
        const auto found = std::ranges::lower_bound(*paths_, std::tie(from, to), {}, ends_of);
        if (found == paths_->end() || found->from != from || found->to != to) continue;
        if (!least || found->time < *least) least = found->time;
    }
    return least;
}

}  // namespace turnix::fleet
