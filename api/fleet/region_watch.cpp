#include "api/fleet/region_watch.hpp"

namespace turnix::fleet {

std::vector<region_change> region_watch::look(const region_directory& at) {
    std::vector<region_change> changes;
    const auto note = [&](const std::string& region, bool is_online) {
        changes.push_back({.region = region,
                           .is_online = is_online,
                           .seen_from = at.own().slug,
                           .is_stale = at.is_stale()});
    };
    for (const auto& region : at.regions()) {
        if (at.state_of(region).online) {
            online_.insert(region.slug);
            if (down_.erase(region.slug) > 0) note(region.slug, true);
        } else if (online_.erase(region.slug) > 0) {
            down_.insert(region.slug);
            note(region.slug, false);
        }
    }
    return changes;
}

}  // namespace turnix::fleet
