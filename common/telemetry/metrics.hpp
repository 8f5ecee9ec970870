// Metrics as values, and their text: Prometheus' own format 0.0.4 and OpenMetrics 1.0.
//
// Collected when they are asked for, from counters that count all the time. Every label has a closed set of
// values; users, rooms and addresses are never among them.
#pragma once

#include "common/telemetry/latency_histogram.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::telemetry {

enum class metric_type : std::uint8_t { counter, gauge, histogram };
std::string_view to_string(metric_type value) noexcept;

struct metric_sample {
    std::vector<std::string> labels;  ///< in the order of the family's label names
    double value{0};
};

/// One histogram, of seconds, among those of a family.
struct metric_histogram {
    std::vector<std::string> labels;  ///< in the order of the family's label names
    latency_totals totals;
};

/// A metric with all its series. The names and the sentence live as long as the program.
struct metric_family {
    std::string_view name;  ///< as its series are called; a counter's ends with "_total"
    metric_type type{metric_type::counter};
    std::string_view help;  ///< one sentence
    std::vector<std::string_view> label_names{};
    std::vector<metric_sample> samples{};
    std::vector<metric_histogram> histograms{};  ///< of a family of histograms, in place of samples

    /// Integers up to 2^53 are exact.
    template <class Number>
    void add(std::vector<std::string> labels, Number value) {
        samples.push_back({.labels = std::move(labels), .value = static_cast<double>(value)});
    }
    /// How many series its text has.
    [[nodiscard]] std::size_t series() const noexcept {
        constexpr auto series_of_a_histogram = std::tuple_size_v<decltype(latency_totals::counts)> + 2;
        return samples.size() + histograms.size() * series_of_a_histogram;
    }
};

enum class metrics_format : std::uint8_t { prometheus, open_metrics };

/// The format for an Accept header; empty stands for none.
metrics_format accepted_format(std::string_view accept) noexcept;
std::string_view content_type(metrics_format format) noexcept;
std::string to_text(const std::vector<metric_family>& families, metrics_format format);

}  // namespace turnix::telemetry
