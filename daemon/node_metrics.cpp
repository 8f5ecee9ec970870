#include "daemon/node_metrics.hpp"

#include "relay/io/counter_names.hpp"
#include "relay/stun/method_name.hpp"
#include "relay/turn/counters.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace turnix::daemon {
namespace {

using telemetry::metric_family;
using telemetry::metric_type;

/// The requests that the relay serves, by STUN method.
constexpr std::array methods{stun::method::binding,        stun::method::allocate,
                             stun::method::refresh,        stun::method::create_permission,
                             stun::method::channel_bind,   stun::method::connect,
                             stun::method::connection_bind};

constexpr std::array<std::string_view, 4> status_classes{"2xx", "3xx", "4xx", "5xx"};

/// What the routes of the API are for; one of its own for what clients wait for before a call.
enum class route_class : std::uint8_t { issue, read, change, none };
constexpr std::array<std::string_view, 4> route_classes{"issue", "read", "change", "none"};

route_class class_of(const http::route& where) {
    if (where.pattern.empty()) return route_class::none;
    if (where.method == http::method::get) return route_class::read;
    return where.pattern == "/api/v1/credentials/ice" ? route_class::issue : route_class::change;
}

template <class Number>
metric_family single(std::string_view name, metric_type type, std::string_view help, Number value) {
    metric_family made{.name = name, .type = type, .help = help};
    made.add({}, value);
    return made;
}

/// A series for each enumerator of Event, which begins at 0 and has no gaps.
template <class Event, class Counts>
metric_family by_event(std::string_view name, std::string_view help, std::string_view label,
                       const Counts& counts) {
    metric_family made{
        .name = name, .type = metric_type::counter, .help = help, .label_names = {label}, .samples = {}};
    for (std::size_t i = 0; i < counts.size(); ++i) {
        made.add({std::string{to_string(static_cast<Event>(i))}}, counts[i]);
    }
    return made;
}

metric_family requests(const turn::server_totals& protocol) {
    metric_family made{.name = "turnix_requests_total",
                       .type = metric_type::counter,
                       .help = "STUN and TURN requests that were well-formed, by method.",
                       .label_names = {"method"},
                       .samples = {}};
    for (const auto each : methods)
        made.add({std::string{to_string(each)}}, protocol.requests[static_cast<std::size_t>(each)]);
    return made;
}

metric_family errors(const turn::server_totals& protocol) {
    metric_family made{.name = "turnix_errors_total",
                       .type = metric_type::counter,
                       .help = "Error responses of the relay, by STUN error code.",
                       .label_names = {"code"},
                       .samples = {}};
    for (const auto& [code, text] : turn::error_code_texts)
        made.add({std::string{text}}, protocol.errors_of(code));
    return made;
}

/// Uplink is client to peer.
metric_family by_direction(std::string_view name, std::string_view help, std::uint64_t uplink,
                           std::uint64_t downlink) {
    metric_family made{.name = name,
                       .type = metric_type::counter,
                       .help = help,
                       .label_names = {"direction"},
                       .samples = {}};
    made.add({"uplink"}, uplink);
    made.add({"downlink"}, downlink);
    return made;
}

void add_sessions(std::vector<metric_family>& to, const node_figures& figures) {
    using enum metric_type;
    to.push_back(single("turnix_sessions", gauge, "Live allocations.", figures.load.sessions));
    to.push_back(single("turnix_sessions_max", gauge, "Live allocations that this node takes at most.",
                        figures.load.sessions_max));
    to.push_back(by_event<net::transport>("turnix_sessions_started_total",
                                          "Allocations that were made, by the client's transport.",
                                          "transport", figures.sessions.started));
    to.push_back(by_event<contract::end_reason>("turnix_sessions_ended_total",
                                                "Allocations that have ended, by what ended them.", "reason",
                                                figures.sessions.ended));
    const auto& relayed = figures.relay.protocol.relayed;
    to.push_back(by_direction("turnix_relayed_bytes_total",
                              "Payload that was relayed, without TURN and IP headers; uplink is client to "
                              "peer. Counted while sessions run.",
                              relayed.uplink_bytes, relayed.downlink_bytes));
    to.push_back(by_direction("turnix_relayed_packets_total",
                              "Datagrams that were relayed; uplink is client to peer.",
                              relayed.uplink_packets, relayed.downlink_packets));
}

void add_relay(std::vector<metric_family>& to, const relay::relay_totals& relay) {
    to.push_back(requests(relay.protocol));
    to.push_back(errors(relay.protocol));
    to.push_back(by_event<turn::drop_reason>("turnix_drops_total",
                                             "What arrived and had neither effect nor answer, by reason.",
                                             "reason", relay.protocol.drops));
    to.push_back(by_event<io::datagram_event>(
        "turnix_datagrams_total",
        "UDP datagrams of clients and peers, by what became of them; all but received and sent are losses.",
        "event", relay.datagrams.counts));
    to.push_back(by_event<io::stream_event>("turnix_streams_total",
                                            "What happened to TCP and TLS connections of clients.", "event",
                                            relay.streams.counts));
    to.push_back(by_event<io::dtls_event>("turnix_dtls_total", "What happened to DTLS clients.", "event",
                                          relay.dtls.counts));
}

void add_resources(std::vector<metric_family>& to, const load_figures& resources) {
    using enum metric_type;
    to.push_back(
        single("turnix_load_step", gauge,
               "What the node does without because memory or descriptors run short: 0 nothing, 1 new "
               "TLS and DTLS clients, 2 new sessions, 3 answers to strangers.",
               static_cast<int>(resources.step)));
    metric_family used{.name = "turnix_resource_used_ratio",
                       .type = gauge,
                       .help =
                           "The share of what the node may use that is in use, from 0 to 1; looked at once a "
                           "second.",
                       .label_names = {"resource"},
                       .samples = {}};
    used.add({"memory"}, resources.memory.share());
    used.add({"descriptors"}, resources.descriptors.share());
    to.push_back(std::move(used));
}

metric_family worker_lag(const telemetry::latency_totals& lag) {
    metric_family made{.name = "turnix_worker_lag_seconds",
                       .type = metric_type::histogram,
                       .help =
                           "How late the relay's workers get to what is due, each looking four times a "
                           "second: so long a datagram waits while its worker is busy."};
    made.histograms.push_back({.labels = {}, .totals = lag});
    return made;
}

void add_node(std::vector<metric_family>& to, const node_figures& figures) {
    using enum metric_type;
    metric_family build{.name = "turnix_build_info",
                        .type = gauge,
                        .help = "Always 1; the labels say what runs.",
                        .label_names = {"version", "engine"},
                        .samples = {}};
    build.add({TURNIX_VERSION, figures.engine}, 1);
    to.push_back(std::move(build));
    to.push_back(single("turnix_ready", gauge, "1 when /readyz says so: new sessions are welcome.",
                        figures.is_ready ? 1 : 0));
    to.push_back(single("turnix_draining", gauge, "1 while the node takes no new sessions because it drains.",
                        figures.load.draining ? 1 : 0));
    to.push_back(single("turnix_records_lost_total", counter,
                        "Records of sessions, usage and issued credentials that could not be kept.",
                        figures.records_lost));
}

void add_upstream(std::vector<metric_family>& to, const upstream::figures& upstream) {
    using enum metric_type;
    to.push_back(single("turnix_upstream_connected", gauge,
                        "1 while the shared database answers; 0 too where none is configured.",
                        upstream.is_connected ? 1 : 0));
    to.push_back(single("turnix_upstream_backlog", gauge, "Rows that wait here for the shared database.",
                        upstream.backlog));
    to.push_back(single("turnix_upstream_lag_seconds", gauge,
                        "Time since this node and the shared database were last in step.",
                        upstream.lag.count()));
    to.push_back(single("turnix_upstream_sent_total", counter, "Rows that the shared database has taken.",
                        upstream.sent));
    to.push_back(single("turnix_upstream_taken_total", counter,
                        "Rows of other nodes that came from the shared database.", upstream.taken));
    to.push_back(single("turnix_upstream_conflicts_total", counter,
                        "Changes of two nodes at a time, of which the later one counts.",
                        upstream.conflicts));
    to.push_back(single("turnix_upstream_refused_total", counter,
                        "Rows that the shared database refused for good; the log names each.",
                        upstream.refused));
}

metric_family api_requests(const std::vector<http::route_totals>& api) {
    metric_family made{
        .name = "turnix_api_requests_total",
        .type = metric_type::counter,
        .help = "Answers of the HTTP API, by route and class of status; route none is what no route took.",
        .label_names = {"method", "route", "status"},
        .samples = {}};
    for (const auto& each : api) {
        const bool is_none = each.where.pattern.empty();
        for (std::size_t i = 0; i < status_classes.size(); ++i) {
            made.add({is_none ? "any" : std::string{to_string(each.where.method)},
                      is_none ? "none" : each.where.pattern, std::string{status_classes.at(i)}},
                     each.answers.at(i).count());
        }
    }
    return made;
}

metric_family api_request_seconds(const std::vector<http::route_totals>& api) {
    metric_family made{.name = "turnix_api_request_seconds",
                       .type = metric_type::histogram,
                       .help =
                           "How long the HTTP API took from a request to its answer; class issue is POST "
                           "/api/v1/credentials/ice, none what no route took.",
                       .label_names = {"class", "status"}};
    for (const auto route : route_classes) {
        for (const auto status : status_classes)
            made.histograms.push_back({.labels = {std::string{route}, std::string{status}}, .totals = {}});
    }
    for (const auto& each : api) {
        const auto first = static_cast<std::size_t>(class_of(each.where)) * status_classes.size();
        for (std::size_t i = 0; i < status_classes.size(); ++i)
            made.histograms.at(first + i).totals += each.answers.at(i);
    }
    return made;
}

void add_fleet(std::vector<metric_family>& to, const channel::channel_totals& fleet) {
    to.push_back(by_event<channel::connection_event>("turnix_fleet_connections_total",
                                                     "What happened to TLS connections to other nodes.",
                                                     "event", fleet.connections));
    to.push_back(by_event<channel::request_outcome>(
        "turnix_fleet_requests_total",
        "What this node has asked others on behalf of its callers, by what came of it; all but answered make "
        "an answer partial.",
        "outcome", fleet.requests));
    metric_family seconds{.name = "turnix_fleet_request_seconds",
                          .type = metric_type::histogram,
                          .help = "How long other nodes took to answer, those that did."};
    seconds.histograms.push_back({.labels = {}, .totals = fleet.answers});
    to.push_back(std::move(seconds));
}

void add_process(std::vector<metric_family>& to, const process_figures& process) {
    using enum metric_type;
    to.push_back(single("process_cpu_seconds_total", counter, "CPU time of the process, user and system.",
                        process.cpu_seconds));
    to.push_back(
        single("process_resident_memory_bytes", gauge, "Memory that is resident.", process.resident_bytes));
    to.push_back(single("process_open_fds", gauge, "Descriptors that are open.", process.open_descriptors));
    to.push_back(single("process_max_fds", gauge, "Descriptors that may be open.", process.descriptors_max));
    to.push_back(single("process_threads", gauge, "Threads.", process.threads));
    const std::chrono::duration<double> started = process.started.time_since_epoch();
    to.push_back(single("process_start_time_seconds", gauge, "When the process started, in Unix time.",
                        started.count()));
}

constexpr std::string_view page_start = R"(# Metrics

<!-- Generated from daemon/node_metrics.cpp; daemon_test says how. Do not edit. -->

`GET /metrics` at `status.address` (`127.0.0.1:9641` unless set otherwise) answers in the Prometheus text
format, and in OpenMetrics to those who ask for it. Every label has a closed set of values: no user, room,
project or address is among them, and a node has at most 2,000 series. Counters begin at 0 with the process.
A histogram is read by the series `_bucket`, with the label `le`, `_sum` and `_count` behind its name.
[packaging/monitoring/](../packaging/monitoring/) has alert rules and a Grafana dashboard.

| metric | type | labels | meaning |
| --- | --- | --- | --- |
)";

/// "`reason`: a, b, c"; the values only where they are ours.
std::string label_cell(const metric_family& family) {
    std::string cell;
    for (std::size_t i = 0; i < family.label_names.size(); ++i) {
        cell += fmt::format("{}`{}`", i == 0 ? "" : "; ", family.label_names[i]);
        if (family.label_names.size() > 1) continue;
        for (std::size_t at = 0; at < family.samples.size(); ++at) {
            cell += fmt::format("{}{}", at == 0 ? ": " : ", ", family.samples[at].labels[i]);
        }
    }
    return cell;
}

}  // namespace

std::vector<metric_family> node_metrics(const node_figures& figures) {
    std::vector<metric_family> all;
    add_node(all, figures);
    add_sessions(all, figures);
    add_relay(all, figures.relay);
    all.push_back(worker_lag(figures.relay.lag));
    add_resources(all, figures.resources);
    add_upstream(all, figures.upstream);
    all.push_back(api_requests(figures.api));
    all.push_back(api_request_seconds(figures.api));
    add_fleet(all, figures.fleet);
    add_process(all, figures.process);
    return all;
}

std::string metrics_page() {
    std::string page{page_start};
    for (const auto& family : node_metrics({})) {
        page += fmt::format("| `{}` | {} | {} | {} |\n", family.name, to_string(family.type),
                            label_cell(family), family.help);
    }
    return page;
}

}  // namespace turnix::daemon
