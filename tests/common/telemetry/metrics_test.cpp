#include "common/telemetry/metrics.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace turnix::telemetry;

namespace {

std::vector<metric_family> examples() {
    metric_family drops{.name = "x_drops_total",
                        .type = metric_type::counter,
                        .help = "What was dropped.",
                        .label_names = {"reason", "side"}};
    drops.add({"a \"quoted\" \\ name\n", "up"}, 9'007'199'254'740'992);
    drops.add({"b", "down"}, 0);
    metric_family cpu{.name = "x_load", .type = metric_type::gauge, .help = "Load."};
    cpu.add({}, 0.25);
    return {drops, cpu};
}

}  // namespace

TEST_CASE("metrics as Prometheus' text: help, type, escaped labels, exact integers", "[telemetry][metrics]") {
    CHECK(to_text(examples(), metrics_format::prometheus) ==
          "# HELP x_drops_total What was dropped.\n"
          "# TYPE x_drops_total counter\n"
          "x_drops_total{reason=\"a \\\"quoted\\\" \\\\ name\\n\",side=\"up\"} 9007199254740992\n"
          "x_drops_total{reason=\"b\",side=\"down\"} 0\n"
          "# HELP x_load Load.\n"
          "# TYPE x_load gauge\n"
          "x_load 0.25\n");
}

TEST_CASE("OpenMetrics names a counter's family without _total, and ends with EOF", "[telemetry][metrics]") {
    const auto text = to_text(examples(), metrics_format::open_metrics);
    CHECK(text.starts_with("# HELP x_drops What was dropped.\n# TYPE x_drops counter\nx_drops_total{"));
    CHECK(text.ends_with("x_load 0.25\n# EOF\n"));
}

TEST_CASE("the format is OpenMetrics for those who ask for it", "[telemetry][metrics]") {
    CHECK(accepted_format("") == metrics_format::prometheus);
    CHECK(accepted_format("text/html, */*") == metrics_format::prometheus);
    CHECK(accepted_format("application/openmetrics-text;version=1.0.0;q=0.8,text/plain;q=0.5") ==
          metrics_format::open_metrics);
}

TEST_CASE("a histogram is its buckets, each with those before it, a sum and a count",
          "[telemetry][metrics]") {
    latency_histogram measured;
    for (const auto took : {-5us, 0us, 100us, 101us, 2'000'000us, 10'000'000us}) measured.add(took);
    metric_family family{
        .name = "x_seconds", .type = metric_type::histogram, .help = "How long.", .label_names = {"class"}};
    family.histograms.push_back({.labels = {"a"}, .totals = measured.totals()});
    CHECK(family.series() == 13);
    CHECK(to_text({family}, metrics_format::prometheus) ==
          "# HELP x_seconds How long.\n"
          "# TYPE x_seconds histogram\n"
          "x_seconds_bucket{class=\"a\",le=\"0.0001\"} 3\n"
          "x_seconds_bucket{class=\"a\",le=\"0.0003\"} 4\n"
          "x_seconds_bucket{class=\"a\",le=\"0.001\"} 4\n"
          "x_seconds_bucket{class=\"a\",le=\"0.003\"} 4\n"
          "x_seconds_bucket{class=\"a\",le=\"0.01\"} 4\n"
          "x_seconds_bucket{class=\"a\",le=\"0.03\"} 4\n"
          "x_seconds_bucket{class=\"a\",le=\"0.1\"} 4\n"
          "x_seconds_bucket{class=\"a\",le=\"0.3\"} 4\n"
          "x_seconds_bucket{class=\"a\",le=\"1.0\"} 4\n"
          "x_seconds_bucket{class=\"a\",le=\"3.0\"} 5\n"
          "x_seconds_bucket{class=\"a\",le=\"+Inf\"} 6\n"
          "x_seconds_sum{class=\"a\"} 12.000201\n"
          "x_seconds_count{class=\"a\"} 6\n");
}

TEST_CASE("histograms add up", "[telemetry][metrics]") {
    latency_histogram one;
    latency_histogram other;
    one.add(1ms);
    other.add(1ms);
    other.add(10s);
    auto both = one.totals();
    both += other.totals();
    CHECK(both.count() == 3);
    CHECK(both.counts[2] == 2);
    CHECK(both.counts.back() == 1);
    CHECK(both.sum == 10'002ms);
}
