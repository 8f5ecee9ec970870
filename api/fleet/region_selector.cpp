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
        const auto distance = distance_km(place, region.location);
        made.regions.push_back({.region = &region,
                                .state = directory_.state_of(region),
                                .distance_km = distance,
                                .cost_km = distance});
    }
    // At the same cost this node's own region goes first.
    std::ranges::stable_sort(made.regions, {}, [this](const ranked_region& each) {
        return std::tuple{!each.state.operational, each.cost_km, each.region != &directory_.own()};
    });
    return made;
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
