#include "common/telemetry/metrics.hpp"

#include <fmt/format.h>

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

void append_labels(std::string& text, const metric_family& family, const metric_sample& sample) {
    if (sample.labels.empty()) return;
    char separator = '{';
    for (std::size_t i = 0; i < sample.labels.size(); ++i) {
        text += separator;
        text += family.label_names[i];
        text += "=\"";
        append_escaped(text, sample.labels[i]);
        text += '"';
        separator = ',';
    }
    text += '}';
}

void append_family(std::string& text, const metric_family& family, metrics_format format) {
    const auto name = family_name(family, format);
    fmt::format_to(std::back_inserter(text), "# HELP {} {}\n# TYPE {} {}\n", name, family.help, name,
                   to_string(family.type));
    for (const auto& sample : family.samples) {
        text += family.name;
        append_labels(text, family, sample);
        fmt::format_to(std::back_inserter(text), " {}\n", sample.value);
    }
}

}  // namespace

std::string_view to_string(metric_type value) noexcept {
    return value == metric_type::counter ? "counter" : "gauge";
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
