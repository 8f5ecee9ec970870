#include "common/telemetry/metrics.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

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
