#include "api/fleet/region_selector.hpp"

#include <stdexcept>
#include <string>
#include <tuple>

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
    const auto* const near = nearest(wish.client);
    if (near == nullptr) return selection_error::not_operational;
    return near;
}

const region_entry* region_selector::nearest(const std::optional<net::address>& client) const {
    const auto place = place_of(client);
    // At the same distance this node's own region goes first.
    const auto rank = [&](const region_entry& region) {
        return std::tuple{distance_km(place, region.location), &region != &directory_.own()};
    };
    const region_entry* best = nullptr;
    for (const auto& region : directory_.regions()) {
        if (!directory_.state_of(region).operational) continue;
        if (best == nullptr || rank(region) < rank(*best)) best = &region;
    }
    return best;
}

coordinates region_selector::place_of(const std::optional<net::address>& client) const {
    const auto& here = directory_.own().location;
    return database_ && client ? database_->locate(*client).value_or(here) : here;
}

}  // namespace turnix::fleet
