#include "common/telemetry/metrics.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <iterator>

namespace turnix::telemetry {
namespace {

constexpr std::string_view counter_suffix = "_total";

/// OpenMetrics names a family of counters without what its series end with.
std::string_view family_name(const metric_family& family, metrics_format format) noexcept {
    auto name = family.name;
    if (format == metrics_format::open_metrics && family.type == metric_type::counter) {
        name.remove_suffix(counter_suffix.size());
    }
    return name;
}

void append_escaped(std::string& text, std::string_view value) {
    for (const char character : value) {
        if (character == '\n') {
            text += "\\n";
            continue;
        }
        if (character == '\\' || character == '"') text += '\\';
        text += character;
    }
}

/// The bound comes last, and only where there is one.
void append_labels(std::string& text, const metric_family& family, const std::vector<std::string>& labels,
                   std::string_view bound = {}) {
    char separator = '{';
    const auto append = [&](std::string_view name, std::string_view value) {
        text += separator;
        text += name;
        text += "=\"";
        append_escaped(text, value);
        text += '"';
        separator = ',';
    };
    for (std::size_t i = 0; i < labels.size(); ++i) append(family.label_names[i], labels[i]);
    if (!bound.empty()) append("le", bound);
    if (separator == ',') text += '}';
}

void append_histogram(std::string& text, const metric_family& family, const metric_histogram& histogram) {
    const auto to = std::back_inserter(text);
    std::uint64_t below{0};
    for (std::size_t i = 0; i < histogram.totals.counts.size(); ++i) {
        below += histogram.totals.counts.at(i);
        fmt::format_to(to, "{}_bucket", family.name);
        append_labels(text, family, histogram.labels,
                      i < latency_bounds.size() ? latency_bounds.at(i).seconds : "+Inf");
        fmt::format_to(to, " {}\n", below);
    }
    fmt::format_to(to, "{}_sum", family.name);
    append_labels(text, family, histogram.labels);
    const std::chrono::duration<double> sum = histogram.totals.sum;
    fmt::format_to(to, " {}\n{}_count", sum.count(), family.name);
    append_labels(text, family, histogram.labels);
    fmt::format_to(to, " {}\n", below);
}

void append_family(std::string& text, const metric_family& family, metrics_format format) {
    const auto name = family_name(family, format);
    fmt::format_to(std::back_inserter(text), "# HELP {} {}\n# TYPE {} {}\n", name, family.help, name,
                   to_string(family.type));
    for (const auto& sample : family.samples) {
        text += family.name;
        append_labels(text, family, sample.labels);
        fmt::format_to(std::back_inserter(text), " {}\n", sample.value);
    }
    for (const auto& histogram : family.histograms) append_histogram(text, family, histogram);
}

}  // namespace

std::string_view to_string(metric_type value) noexcept {
    switch (value) {
        case metric_type::counter:
            return "counter";
        case metric_type::gauge:
            return "gauge";
        case metric_type::histogram:
            break;
    }
    return "histogram";
}

metrics_format accepted_format(std::string_view accept) noexcept {
    const bool is_open = accept.find("application/openmetrics-text") != std::string_view::npos;
    return is_open ? metrics_format::open_metrics : metrics_format::prometheus;
}

std::string_view content_type(metrics_format format) noexcept {
    return format == metrics_format::open_metrics
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

std::string to_text(const std::vector<metric_family>& families, metrics_format format) {
    std::string text;
    for (const auto& family : families) append_family(text, family, format);
    if (format == metrics_format::open_metrics) text += "# EOF\n";
    return text;
}

}  // namespace turnix::telemetry
