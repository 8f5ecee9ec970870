// When a node next does what it does again and again. Owner's thread.
#pragma once

#include "api/fleet/gossip/limits.hpp"
#include "common/clock/instant.hpp"

namespace turnix::gossip {

struct timetable {
    explicit timetable(monotonic_time first) noexcept
        : probe{first},
          spread{first},
          compare{first},
          reach_out{first},
          facts{first},
          round_trips{first},
          expire{first} {}

    monotonic_time probe;
    monotonic_time spread;
    monotonic_time compare;
    monotonic_time reach_out;
    monotonic_time facts;
    monotonic_time round_trips;
    monotonic_time expire;
};

/// True once each time that the moment has come, which is then put off by `every`.
inline bool is_due(monotonic_time& at, interval every, monotonic_time now) noexcept {
    if (now < at) return false;
    at = now + every;
    return true;
}

}  // namespace turnix::gossip
