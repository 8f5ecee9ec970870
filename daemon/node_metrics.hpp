// The metrics of a node: which there are, and what they are at some moment. docs/metrics.md is made from it.
#pragma once

#include "api/channel/channel_counters.hpp"
#include "api/http/router.hpp"
#include "api/sessions/session_tally.hpp"
#include "api/upstream/figures.hpp"
#include "common/contract/session_control.hpp"
#include "common/telemetry/metrics.hpp"
#include "daemon/load_watch.hpp"
#include "daemon/process_figures.hpp"
#include "relay/counters.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace turnix::daemon {

/// Everything that is counted, as it was at some moment.
struct node_figures {
    relay::relay_totals relay;
    contract::relay_load load;
    sessions::session_totals sessions;
    std::vector<http::route_totals> api;
    channel::channel_totals fleet;
    std::uint64_t records_lost{0};
    upstream::figures upstream;
    process_figures process;
    load_figures resources;
    std::string engine;
    bool is_ready{false};
};

/// Every metric, in the order of the page; at most 2,000 series, whatever was counted.
std::vector<telemetry::metric_family> node_metrics(const node_figures& figures);

/// docs/metrics.md.
std::string metrics_page();

}  // namespace turnix::daemon
