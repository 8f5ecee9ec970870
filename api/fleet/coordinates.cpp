#include "api/fleet/coordinates.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace turnix::fleet {

double distance_km(const coordinates& from, const coordinates& to) noexcept {
    constexpr double earth_radius_km = 6371.0;
    constexpr double radians = std::numbers::pi / 180;
    const auto squared_sine_of_half = [](double degrees) {
        const double sine = std::sin(degrees * radians / 2);
        return sine * sine;
    };
    // The haversine formula: exact for near places too.
    const double haversine = squared_sine_of_half(to.latitude - from.latitude) +
                             std::cos(from.latitude * radians) * std::cos(to.latitude * radians) *
                                 squared_sine_of_half(to.longitude - from.longitude);
    return 2 * earth_radius_km * std::asin(std::sqrt(std::min(1.0, haversine)));
}

}  // namespace turnix::fleet
