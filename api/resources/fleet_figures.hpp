// The samples of several nodes, made one series: each of this node's with those of the others that are
// nearest to it in time.
//
// Nodes close their intervals when they like, by clocks of their own. What is further apart than two
// intervals does not count as simultaneous.
#pragma once

#include "api/resources/endpoint.hpp"

namespace turnix::api {

/// For GET /api/v1/stats. The series is as long as this node's, or, where it has none, as that of the first
/// node that answers; what is said of a node as a whole stays that one's.
[[nodiscard]] fleet_rule merged_figures();

}  // namespace turnix::api
