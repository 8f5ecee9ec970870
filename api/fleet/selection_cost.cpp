#include "api/fleet/selection_cost.hpp"

#include <algorithm>
#include <chrono>

namespace turnix::fleet {

namespace {

constexpr double km_per_ms = 200.0 / 3;
constexpr double full_load_km = 1'000;

double detour_of(const cost_factors& of) noexcept {
    if (!of.round_trip || of.distance_km <= of.nearest_km) return 0;
    const auto closeness = 1 - of.nearest_km / of.distance_km;
    const auto way_km = std::chrono::duration<double, std::milli>{*of.round_trip}.count() * km_per_ms;
    return closeness * std::max(0.0, way_km - of.between_km);
}

}  // namespace

selection_cost cost_of(const cost_factors& of) noexcept {
    const auto load = std::clamp(of.load, 0.0, 1.0);
    selection_cost made{.detour_km = detour_of(of), .load_km = full_load_km * load * load};
    made.total_km = of.distance_km + made.detour_km + made.load_km;
    return made;
}

}  // namespace turnix::fleet
