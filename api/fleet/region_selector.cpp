#include "api/fleet/region_selector.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace turnix::fleet {

std::string_view to_string(selection_error value) noexcept {
    return value == selection_error::unknown_region ? "there is no such region"
                                                    : "the region does not take new sessions at present";
}

void throw_exception_from_error(selection_error error, const boost::source_location& /*where*/) {
    throw std::runtime_error{std::string{to_string(error)}};
}

result<const region_entry*, selection_error> region_selector::select(const selection_wish& wish) const {
    if (!wish.fixed.empty()) {
        const auto* const fixed = directory_.find(wish.fixed);
        if (fixed == nullptr) return selection_error::unknown_region;
        if (!directory_.state_of(*fixed).operational) return selection_error::not_operational;
        return fixed;
    }
    const auto* const preferred = wish.preferred.empty() ? nullptr : directory_.find(wish.preferred);
    if (preferred != nullptr && directory_.state_of(*preferred).operational) return preferred;
    const auto ranked = rank(wish.client);
    const bool is_any = !ranked.regions.empty() && ranked.regions.front().state.operational;
    if (!is_any) return selection_error::not_operational;
    return ranked.regions.front().region;
}

ranking region_selector::rank(const std::optional<net::address>& client) const {
    ranking made{.client = place_of(client), .regions = {}};
    const auto place = made.client.value_or(directory_.own().location);
    const auto all = directory_.regions();
    made.regions.reserve(all.size());
    for (const auto& region : all) {
        made.regions.push_back({.region = &region,
                                .state = directory_.state_of(region),
                                .distance_km = distance_km(place, region.location)});
    }
    weigh(made);
    // At the same cost the less loaded one goes first, then this node's own.
    std::ranges::stable_sort(made.regions, {}, [this](const ranked_region& each) {
        return std::tuple{!each.state.operational, each.cost.total_km, each.state.load.value_or(0),
                          each.region != &directory_.own()};
    });
    return made;
}

void region_selector::weigh(ranking& made) const {
    const auto nearest = std::ranges::min_element(made.regions, {}, [this](const ranked_region& each) {
        return std::tuple{!each.state.online, each.distance_km, each.region != &directory_.own()};
    });
    if (nearest == made.regions.end()) return;
    if (nearest->state.online) made.nearest = nearest->region;
    for (auto& each : made.regions) {
        if (made.nearest != nullptr && each.region != made.nearest) {
            each.round_trip = directory_.round_trip(*made.nearest, *each.region);
        }
        each.cost = cost_of({.distance_km = each.distance_km,
                             .nearest_km = nearest->distance_km,
                             .between_km = distance_km(nearest->region->location, each.region->location),
                             .round_trip = each.round_trip,
                             .load = each.state.load.value_or(0)});
    }
}

void region_selector::use(std::optional<geoip> database) {
    auto next = database ? std::make_shared<const geoip>(*std::move(database)) : nullptr;
    const std::lock_guard lock{guard_};
    database_ = std::move(next);
}

std::optional<coordinates> region_selector::place_of(const std::optional<net::address>& client) const {
    if (!client) return std::nullopt;
    const auto database = [this] {
        const std::lock_guard lock{guard_};
        return database_;
    }();
    return database ? database->locate(*client) : std::nullopt;
}

}  // namespace turnix::fleet
