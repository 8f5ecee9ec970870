// Places on the globe, and how far apart they are.
#pragma once

namespace turnix::fleet {

/// Degrees: latitude from -90 (south) to 90, longitude from -180 (west) to 180.
struct coordinates {
    double latitude{0};
    double longitude{0};

    friend bool operator==(const coordinates&, const coordinates&) = default;
};

/// Along a great circle on a sphere of the Earth's mean radius.
double distance_km(const coordinates& from, const coordinates& to) noexcept;

}  // namespace turnix::fleet
