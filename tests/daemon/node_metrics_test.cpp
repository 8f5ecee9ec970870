#include "daemon/node_metrics.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace turnix;
using namespace turnix::daemon;

namespace {

std::string read_whole(const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

/// The value of a series that has these labels.
double value_of(const std::vector<telemetry::metric_family>& families, std::string_view name,
                const std::vector<std::string>& labels) {
    for (const auto& family : families) {
        for (const auto& sample : family.samples) {
            if (family.name == name && sample.labels == labels) return sample.value;
        }
    }
    FAIL("no series " << name);
    return -1;
}

}  // namespace

TEST_CASE("docs/metrics.md is what the node serves", "[daemon][metrics]") {
    const auto checked_in = std::filesystem::path{TURNIX_SOURCE_DIRECTORY} / "docs/metrics.md";
    const auto generated = std::filesystem::temp_directory_path() / "turnix-metrics.md";
    const auto page = metrics_page();
    if (read_whole(checked_in) != page) {
        std::ofstream{generated, std::ios::binary} << page;
        FAIL("the page is out of date: cp " << generated.string() << " " << checked_in.string());
    }
}

TEST_CASE("every metric has a name of its own, a sentence, and counters end with _total",
          "[daemon][metrics]") {
    std::set<std::string_view> names;
    for (const auto& family : node_metrics({})) {
        CAPTURE(family.name);
        CHECK(names.insert(family.name).second);
        CHECK((family.name.starts_with("turnix_") || family.name.starts_with("process_")));
        CHECK(family.help.ends_with('.'));
        CHECK(family.name.ends_with("_total") == (family.type == telemetry::metric_type::counter));
        CHECK((family.samples.empty() || family.histograms.empty()));
        std::set<std::vector<std::string>> labels;
        const auto check_labels = [&](const std::vector<std::string>& of) {
            CHECK(of.size() == family.label_names.size());
            CHECK(labels.insert(of).second);
        };
        for (const auto& sample : family.samples) check_labels(sample.labels);
        for (const auto& histogram : family.histograms) check_labels(histogram.labels);
    }
}

TEST_CASE("a node has at most 2,000 series, with every code, drop and route counted", "[daemon][metrics]") {
    node_figures figures;
    figures.relay.protocol.errors.fill(1);
    figures.relay.protocol.drops.fill(1);
    for (int i = 0; i < 200; ++i) {
        figures.api.push_back({.where = {http::method::get, "/api/v1/r" + std::to_string(i)}, .answers = {}});
    }
    std::size_t series = 0;
    for (const auto& family : node_metrics(figures)) series += family.series();
    CHECK(series <= 2'000);
}

TEST_CASE("what was counted is what is served, under its label", "[daemon][metrics]") {
    node_figures figures;
    figures.load = {.sessions = 3, .sessions_max = 10, .draining = true};
    figures.sessions.started[static_cast<std::size_t>(net::transport::tls)] = 4;
    figures.sessions.ended[static_cast<std::size_t>(contract::end_reason::shutdown)] = 5;
    figures.relay.protocol.requests[0x3] = 6;
    figures.relay.protocol.errors[508 - relay::relay_totals{}.protocol.error_code_first] = 7;
    figures.relay.protocol.drops[static_cast<std::size_t>(turn::drop_reason::no_permission)] = 8;
    figures.relay.protocol.relayed = {
        .uplink_packets = 1, .uplink_bytes = 100, .downlink_packets = 2, .downlink_bytes = 200};
    figures.relay.datagrams.counts[static_cast<std::size_t>(io::datagram_event::too_big)] = 9;
    http::route_totals tokens{.where = {http::method::post, "/api/v1/tokens"}, .answers = {}};
    tokens.answers[3].counts[2] = 3;
    figures.api = {tokens};
    const auto served = node_metrics(figures);
    CHECK(value_of(served, "turnix_sessions", {}) == 3);
    CHECK(value_of(served, "turnix_draining", {}) == 1);
    CHECK(value_of(served, "turnix_ready", {}) == 0);
    CHECK(value_of(served, "turnix_sessions_started_total", {"tls"}) == 4);
    CHECK(value_of(served, "turnix_sessions_ended_total", {"shutdown"}) == 5);
    CHECK(value_of(served, "turnix_requests_total", {"allocate"}) == 6);
    CHECK(value_of(served, "turnix_errors_total", {"508"}) == 7);
    CHECK(value_of(served, "turnix_drops_total", {"no_permission"}) == 8);
    CHECK(value_of(served, "turnix_relayed_bytes_total", {"downlink"}) == 200);
    CHECK(value_of(served, "turnix_datagrams_total", {"too_big"}) == 9);
    CHECK(value_of(served, "turnix_api_requests_total", {"POST", "/api/v1/tokens", "5xx"}) == 3);
}

TEST_CASE("how long answers took is summed over the routes of a class", "[daemon][metrics]") {
    node_figures figures;
    const auto add = [&figures](http::method method, const char* pattern) {
        http::route_totals route{.where = {method, pattern}, .answers = {}};
        route.answers[0].counts[1] = 1;
        route.answers[0].sum = std::chrono::microseconds{200};
        figures.api.push_back(route);
    };
    using enum http::method;
    add(post, "/api/v1/credentials/ice");
    add(get, "/api/v1/tokens");
    add(get, "/api/v1/regions");
    add(delete_, "/api/v1/tokens/{id}");
    add(other, "");
    std::map<std::vector<std::string>, std::uint64_t> counts;
    for (const auto& family : node_metrics(figures)) {
        if (family.name != "turnix_api_request_seconds") continue;
        for (const auto& each : family.histograms) counts[each.labels] = each.totals.count();
    }
    CHECK(counts.size() == 16);
    CHECK(counts[{"issue", "2xx"}] == 1);
    CHECK(counts[{"read", "2xx"}] == 2);
    CHECK(counts[{"change", "2xx"}] == 1);
    CHECK(counts[{"none", "2xx"}] == 1);
    CHECK(counts[{"none", "5xx"}] == 0);
}

TEST_CASE("what the node goes without is a number, and what is in use a share",
          "[daemon][metrics][shedding]") {
    node_figures figures;
    figures.resources = {.step = contract::load_step::newcomers_refused,
                         .descriptors = {.used = 90, .limit = 100, .bound_by = "LimitNOFILE"},
                         .memory = {.used = 1, .limit = 4, .bound_by = "LimitAS"}};
    const auto all = node_metrics(figures);
    CHECK(value_of(all, "turnix_load_step", {}) == 2);
    CHECK(value_of(all, "turnix_resource_used_ratio", {"descriptors"}) == 0.9);
    CHECK(value_of(all, "turnix_resource_used_ratio", {"memory"}) == 0.25);
}
