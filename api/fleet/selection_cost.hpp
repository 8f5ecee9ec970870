// What it costs to send a caller to a region, in kilometres: how far away it is on the map, how much longer
// the way is than the map says, and how loaded it is.
//
//   cost    = distance + detour + load
//   detour  = closeness × max(0, round trip × 200/3 km per ms − distance between the two regions)
//   load    = 1,000 km × (the share of its sessions that it has)²
//
// The detour is what was measured from the region that is nearest to the caller on the map: who is close to
// it goes the same way. closeness = 1 − (distance to that one) / (distance to this one), so that it counts in
// full there and fades out half way. Round trips on the Internet take as if light went at 4/9 of its speed
// (Katz-Bassett et al. 2006): 200/3 km of distance are a millisecond.
#pragma once

#include "api/fleet/gossip/round_trip_book.hpp"

#include <optional>

namespace turnix::fleet {

struct cost_factors {
    double distance_km{0};  ///< from the caller to the region
    double nearest_km{0};   ///< from the caller to the region that is nearest to it
    double between_km{0};   ///< from that one to this one
    std::optional<gossip::round_trip_time> round_trip{};  ///< between the two, where it was measured
    double load{0};                                       ///< from 0 to 1
};

struct selection_cost {
    double detour_km{0};
    double load_km{0};
    double total_km{0};
};

[[nodiscard]] selection_cost cost_of(const cost_factors& of) noexcept;

}  // namespace turnix::fleet
