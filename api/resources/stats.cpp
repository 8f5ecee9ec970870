#include "api/resources/stats.hpp"

#include "api/resources/fields.hpp"
#include "api/resources/fleet_figures.hpp"
#include "api/resources/json_text.hpp"
#include "api/resources/page.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace turnix::api {

namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 8> series_names{"live_sessions", "uplink_bps",   "downlink_bps",
                                                       "uplink_pps",    "downlink_pps", "issued_per_s",
                                                       "refused_per_s", "node"};

json::object figures_json(const interval_figures& of, double seconds) {
    constexpr double bits = 8;
    const auto rate = [seconds](std::uint64_t count) { return static_cast<double>(count) / seconds; };
    json::object refused;
    for (const auto& [reason, count] : of.refused) refused[reason] = rate(count);
    return {{"live_sessions", of.sessions},
            {"uplink_bps", rate(of.relayed.uplink_bytes) * bits},
            {"downlink_bps", rate(of.relayed.downlink_bytes) * bits},
            {"uplink_pps", rate(of.relayed.uplink_packets)},
            {"downlink_pps", rate(of.relayed.downlink_packets)},
            {"issued_per_s", rate(of.issued)},
            {"refused_per_s", std::move(refused)}};
}

/// The names in `series`, separated by commas. Nothing when one is unknown or comes twice.
std::optional<std::vector<std::string_view>> read_series(std::string_view names) {
    std::vector<std::string_view> chosen;
    while (!names.empty()) {
        const auto comma = names.find(',');
        const auto name = names.substr(0, comma);
        if (std::ranges::find(series_names, name) == series_names.end()) return std::nullopt;
        if (std::ranges::find(chosen, name) != chosen.end()) return std::nullopt;
        chosen.push_back(name);
        names.remove_prefix(comma == std::string_view::npos ? names.size() : comma + 1);
    }
    return chosen;
}

/// Another node gets a little more, so that the first of its own samples find their like.
result<wall_time, http::error> read_from(const http::request& asked) {
    const auto from = find_time_parameter(asked, "from");
    if (from.has_error()) return from.error();
    const auto since = from->value_or(wall_time{});
    return asked.origin == http::origin::fleet_node ? since - 2 * figures_book::interval : since;
}

/// Takes away the series that were not asked for.
void keep_only(json::object& sample, std::span<const std::string_view> wanted) {
    for (const auto name : series_names) {
        if (std::ranges::find(wanted, name) == wanted.end()) sample.erase(name);
    }
}

}  // namespace

bool sees_node(const model::principal& caller, const auth::tenant_directory& tenants) {
    return !caller.reach.project && tenants.is_operated(caller.reach.organisation);
}

json::object sample_json(const moment& of, const project_id& project, bool with_node) {
    const auto seconds = of.length.count();
    auto made = figures_json(of.of(project), seconds);
    made["at"] = to_iso_time(of.at);
    made["interval_s"] = seconds;
    made["node"] = nullptr;
    if (!with_node) return made;
    auto node = figures_json(of.node, seconds);
    node["sessions_max"] = of.load.sessions_max;
    node["draining"] = of.load.draining;
    node["event_streams"] = of.event_streams;
    node["event_streams_cut_off"] = of.event_streams_cut_off;
    made["node"] = std::move(node);
    return made;
}

std::vector<endpoint> stats::endpoints() {
    return {{{http::method::get, "/api/v1/stats"},
             model::scope::stats_read,
             work::in_memory,
             [this](const call& asked) { return read(asked); },
             merged_figures()}};
}

outcome stats::read(const call& asked) {
    static constexpr std::array<std::string_view, 3> parameters{"series", "from", "region"};
    if (auto fault = refuse_parameters(asked.request, parameters)) return std::move(*fault);
    const auto* const names = find_parameter(asked.request, "series");
    const auto chosen = read_series(names == nullptr ? std::string_view{} : *names);
    if (!chosen) {
        return invalid_field("series",
                             "series takes names of a sample's fields, separated by commas, each once.");
    }
    const auto from = read_from(asked.request);
    if (from.has_error()) return from.error();
    const auto* const region = find_parameter(asked.request, "region");
    const bool is_meant = region == nullptr || *region == region_;
    const bool with_node = sees_node(asked.caller, tenants_);
    json::array items;
    for (const auto& each : figures_.moments()) {
        if (!is_meant || each.at < *from) continue;
        auto sample = sample_json(each, asked.caller.project->id, with_node);
        if (!chosen->empty()) keep_only(sample, *chosen);
        items.push_back(std::move(sample));
    }
    return object_response(200, {{"interval_s", figures_book::interval.count()},
                                 {"nodes", is_meant ? 1 : 0},
                                 {"items", std::move(items)}});
}

}  // namespace turnix::api
