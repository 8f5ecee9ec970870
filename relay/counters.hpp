// What the relay has done since its start, for logs and metrics: plain sums over the workers.
#pragma once

#include "relay/io/counters.hpp"

namespace turnix::relay {

struct relay_counters {
    io::datagram_counters datagrams;
    io::stream_counters streams;
};

}  // namespace turnix::relay
