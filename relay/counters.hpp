// What the relay has done since its start, for logs and metrics: plain sums over the workers.
#pragma once

#include "common/telemetry/latency_histogram.hpp"
#include "relay/io/counters.hpp"
#include "relay/turn/counters.hpp"

namespace turnix::relay {

struct relay_totals {
    turn::server_totals protocol;
    io::datagram_totals datagrams;
    io::stream_totals streams;
    io::dtls_totals dtls;
    telemetry::latency_totals lag;  ///< how late the workers' ticks came
};

}  // namespace turnix::relay
