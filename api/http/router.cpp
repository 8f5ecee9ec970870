#include "api/http/router.hpp"

#include "api/http/error.hpp"
#include "api/http/percent.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <stdexcept>

namespace turnix::http {

namespace {

std::vector<std::string> split_path(std::string_view path) {
    std::vector<std::string> segments;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const auto segment = path.substr(0, path.find('/'));
        segments.emplace_back(segment);
        path.remove_prefix(segment.size());
    }
    return segments;
}

/// Nothing when a percent escape is broken or something is not UTF-8.
std::optional<std::vector<std::string>> decoded_path(std::string_view path) {
    auto segments = split_path(path);
    for (auto& segment : segments) {
        auto decoded = percent_decoded(segment, plus_sign::plus);
        if (!decoded) return std::nullopt;
        segment = std::move(*decoded);
    }
    return segments;
}

bool is_parameter(std::string_view pattern_segment) noexcept {
    return pattern_segment.starts_with('{') && pattern_segment.ends_with('}');
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) noexcept {
    return std::ranges::equal(pattern, path, [](const std::string& expected, const std::string& segment) {
        return is_parameter(expected) ? !segment.empty() : expected == segment;
    });
}

bool overlap(const std::vector<std::string>& left, const std::vector<std::string>& right) noexcept {
    return std::ranges::equal(left, right, [](const std::string& one, const std::string& other) {
        return one == other || is_parameter(one) || is_parameter(other);
    });
}

std::vector<named_value> parameters_of(const std::vector<std::string>& pattern,
                                       std::vector<std::string>&& path) {
    std::vector<named_value> parameters;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (!is_parameter(pattern[i])) continue;
        parameters.push_back(
            {.name = pattern[i].substr(1, pattern[i].size() - 2), .value = std::move(path[i])});
    }
    return parameters;
}

}  // namespace

const std::string& context::path_parameter(std::string_view name) const {
    const auto found = std::ranges::find(path_parameters, name, &named_value::name);
    if (found == path_parameters.end()) throw std::logic_error{"the route's pattern lacks this parameter"};
    return found->value;
}

void router::add(const route& where, handler call) {
    auto segments = split_path(where.pattern);
    for (const auto& existing : entries_) {
        if (existing.where.method == where.method && overlap(existing.segments, segments)) {
            throw std::logic_error{"routes overlap: " + existing.where.pattern + " and " + where.pattern};
        }
    }
    entries_.push_back({.where = where, .segments = std::move(segments), .call = std::move(call)});
}

response router::dispatch(const request& asked, instant now, answer_times*& counted_by) const {
    auto path = decoded_path(asked.path);
    if (!path) {
        return to_response({.code = error_code::malformed,
                            .message = "A percent escape is broken, or the path is not UTF-8."},
                           asked.request_id);
    }
    std::string allowed;
    for (const auto& candidate : entries_) {
        if (!matches(candidate.segments, *path)) continue;
        if (candidate.where.method == asked.method) {
            counted_by = candidate.answers.get();
            auto parameters = parameters_of(candidate.segments, std::move(*path));
            return candidate.call(asked, {.now = now, .path_parameters = std::move(parameters)});
        }
        if (!allowed.empty()) allowed += ", ";
        allowed += to_string(candidate.where.method);
    }
    if (allowed.empty()) {
        return to_response({.code = error_code::not_found, .message = "There is nothing at this path."},
                           asked.request_id);
    }
    return to_response({.code = error_code::method_not_allowed,
                        .message = "This path does not take this method.",
                        .allow = std::move(allowed)},
                       asked.request_id);
}

response router::answer(const request& asked, instant now) const {
    auto* counted_by = not_taken_.get();
    response made;
    try {
        made = dispatch(asked, now, counted_by);
    } catch (const std::bad_alloc&) {
        made = to_response(short_of_memory(), asked.request_id);
    } catch (const std::exception& fault) {
        failures_.error("request {} failed: {}", asked.request_id, fault.what());
        made = to_response({.code = error_code::internal,
                            .message = "The server failed at this request; its log has the reason."},
                           asked.request_id);
    }
    if (!made.later) {
        count(made, now, *counted_by);
        return made;
    }
    return {.later = [counted_by, now, later = std::move(made.later)](responder to) {
        later([counted_by, now, to = std::move(to)](response answer) {
            count(answer, now, *counted_by);
            to(std::move(answer));
        });
    }};
}

void router::count(const response& made, instant asked_at, answer_times& in) noexcept {
    const auto status_class = static_cast<std::size_t>(made.status / 100);
    in[std::clamp(status_class, std::size_t{2}, std::size_t{5}) - 2].add(instant::now().monotonic -
                                                                         asked_at.monotonic);
}

std::vector<route_totals> router::totals() const {
    std::vector<route_totals> all;
    all.reserve(entries_.size() + 1);
    const auto add = [&all](route where, const answer_times& answers) {
        auto& added = all.emplace_back(route_totals{.where = std::move(where), .answers = {}});
        std::ranges::transform(answers, added.answers.begin(), &telemetry::latency_histogram::totals);
    };
    for (const auto& each : entries_) add(each.where, *each.answers);
    add({.method = method::other, .pattern = {}}, *not_taken_);
    return all;
}

std::vector<route> router::routes() const {
    std::vector<route> all;
    std::ranges::transform(entries_, std::back_inserter(all), &entry::where);
    return all;
}

}  // namespace turnix::http
