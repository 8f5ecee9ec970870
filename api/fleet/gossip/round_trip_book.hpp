// How long a datagram takes to another node and back: as this node's own probes show it, smoothed, and as the
// others say of theirs. What was not said again for round_trip_age_max is forgotten.
//
// Sans-I/O. Bounded by the pairs of nodes that its owner lets in. Owner's thread.
#pragma once

#include "api/fleet/gossip/identity.hpp"
#include "api/fleet/gossip/limits.hpp"
#include "common/clock/instant.hpp"

#include <chrono>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace turnix::gossip {

using round_trip_time = std::chrono::microseconds;

/// From the node that says so.
struct round_trip {
    node_id to;
    round_trip_time time{0};
};

/// Between two nodes, as the first has measured it.
struct measured_path {
    node_id from;
    node_id to;
    round_trip_time time{0};
};

class round_trip_book {
  public:
    explicit round_trip_book(const node_id& self) : self_{self} {}

    /// Of one ping of this node. What takes direct_timeout or longer may answer another one, and says
    /// nothing.
    void measure(const node_id& to, monotonic_time::duration took, monotonic_time now);
    /// What another node says of its own.
    void hear(const node_id& from, std::span<const round_trip> told, monotonic_time now);
    void forget_old(monotonic_time now);

    /// This node's own, in parts of at most round_trips_told_max.
    [[nodiscard]] std::vector<std::vector<round_trip>> own() const;
    /// Everybody's, in the order of both ids.
    [[nodiscard]] std::vector<measured_path> all() const;

  private:
    struct entry {
        round_trip_time time{0};
        monotonic_time at;
    };

    node_id self_;
    std::map<std::pair<node_id, node_id>, entry> known_;
};

}  // namespace turnix::gossip
