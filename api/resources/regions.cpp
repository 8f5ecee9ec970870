#include "api/resources/regions.hpp"

#include "api/resources/fields.hpp"
#include "api/resources/json_text.hpp"
#include "api/resources/page.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

namespace turnix::api {

using http::error;
using http::error_code;
using http::method;

namespace {

namespace json = boost::json;

/// A tenth is as fine as it gets.
double rounded(double value) { return std::round(value * 10) / 10; }

double milliseconds_of(gossip::round_trip_time time) {
    return rounded(std::chrono::duration<double, std::milli>{time}.count());
}

/// A thousandth is as fine as it gets; null where it is not known.
json::value load_json(const fleet::region_state& state) {
    json::value made;
    if (state.load) made = std::round(*state.load * 1'000) / 1'000;
    return made;
}

std::string_view word_for(const fleet::region_state& state) {
    if (!state.online) return "offline";
    if (state.operational) return "operational";
    return state.draining ? "draining" : "full";
}

json::object to_json(const fleet::ranked_region& ranked) {
    const auto& [region, state, distance, round_trip, cost] = ranked;
    json::object made{{"slug", region->slug},
                      {"is_online", state.online},
                      {"is_operational", state.operational},
                      {"distance_km", rounded(distance)},
                      {"round_trip_ms", nullptr},
                      {"detour_km", rounded(cost.detour_km)},
                      {"load", load_json(state)},
                      {"load_km", rounded(cost.load_km)},
                      {"cost_km", rounded(cost.total_km)}};
    if (round_trip) made["round_trip_ms"] = milliseconds_of(*round_trip);
    return made;
}

std::string_view reason_of(const fleet::selection_wish& wish, const fleet::region_entry& chosen) {
    if (!wish.fixed.empty()) return "fixed";
    return chosen.slug == wish.preferred ? "preferred" : "nearest";
}

/// Who is asked about: the query's client_ip, else who asks.
result<std::optional<net::address>, error> read_client(const http::request& from) {
    const auto* const given = find_parameter(from, "client_ip");
    if (given == nullptr) return from.client;
    const auto parsed = net::address::parse(*given);
    if (!parsed) return invalid_field("client_ip", "client_ip must be an IPv4 or IPv6 address.");
    return std::optional{*parsed};
}

}  // namespace

std::vector<endpoint> regions::endpoints() {
    return {
        {{method::get, "/api/v1/regions"}, std::nullopt, work::in_memory, handler_of(*this, &regions::list)},
        {{method::get, "/api/v1/regions/explain"},
         std::nullopt,
         work::in_memory,
         handler_of(*this, &regions::explain)},
        {{method::get, "/api/v1/regions/links"},
         std::nullopt,
         work::in_memory,
         handler_of(*this, &regions::links)},
        {{method::patch, "/api/v1/regions/{slug}"},
         model::scope::regions_admin,
         work::changes_store,
         handler_of(*this, &regions::change)}};
}

outcome regions::list(const call& /*asked*/) const {
    boost::json::array all;
    for (const auto& region : parts_.directory.regions()) all.push_back(to_json(region));
    return http::json_response(200, boost::json::serialize(all));
}

outcome regions::explain(const call& asked) const {
    constexpr std::array<std::string_view, 3> known{"client_ip", "fixed_region", "preferred_region"};
    if (auto fault = refuse_parameters(asked.request, known)) return std::move(*fault);
    const auto client = read_client(asked.request);
    if (client.has_error()) return client.error();
    const auto wished = [&](std::string_view name) -> std::string_view {
        const auto* const given = find_parameter(asked.request, name);
        return given == nullptr ? std::string_view{} : *given;
    };
    const fleet::selection_wish wish{
        .fixed = wished("fixed_region"), .preferred = wished("preferred_region"), .client = *client};
    const auto chosen = parts_.selector.select(wish);
    const auto ranked = parts_.selector.rank(wish.client);
    json::array all;
    all.reserve(ranked.regions.size());
    for (const auto& each : ranked.regions) all.push_back(api::to_json(each));
    json::object answer{{"client_ip", nullptr},
                        {"client", nullptr},
                        {"region", nullptr},
                        {"reason", nullptr},
                        {"stale", parts_.directory.is_stale()},
                        {"nearest", nullptr},
                        {"regions", std::move(all)}};
    if (const auto& address = *client) answer["client_ip"] = address->to_string();
    if (const auto& place = ranked.client) {
        answer["client"] = json::object{{"lat", place->latitude}, {"lon", place->longitude}};
    }
    if (ranked.nearest != nullptr) answer["nearest"] = ranked.nearest->slug;
    if (chosen) {
        answer["region"] = (*chosen)->slug;
        answer["reason"] = reason_of(wish, **chosen);
    }
    return object_response(200, answer);
}

outcome regions::links(const call& asked) const {
    if (auto fault = refuse_parameters(asked.request, {})) return std::move(*fault);
    const auto& directory = parts_.directory;
    const auto all = directory.regions();
    json::array states;
    json::array links;
    for (auto to = all.begin(); to != all.end(); ++to) {
        const auto state = directory.state_of(*to);
        states.push_back(json::object{{"slug", to->slug},
                                      {"state", word_for(state)},
                                      {"load", load_json(state)},
                                      {"nodes", to->nodes.size()},
                                      {"nodes_online", state.nodes_online}});
        for (auto from = all.begin(); from != to; ++from) {
            const auto measured = directory.round_trip(*from, *to);
            if (!measured) continue;
            links.push_back(json::object{
                {"from", from->slug}, {"to", to->slug}, {"round_trip_ms", milliseconds_of(*measured)}});
        }
    }
    return object_response(200, {{"region", directory.own().slug},
                                 {"stale", directory.is_stale()},
                                 {"regions", std::move(states)},
                                 {"links", std::move(links)}});
}

outcome regions::change(const call& asked) {
    const auto* const region = parts_.directory.find(asked.with.path_parameter("slug"));
    const auto& reach = asked.caller.reach;
    if (region == nullptr || !parts_.tenants.is_operated(reach.organisation)) {
        return error{.code = error_code::not_found, .message = "There is no such region."};
    }
    if (reach.project) {
        return error{.code = error_code::forbidden,
                     .message = "This needs a token of the whole organisation."};
    }
    const auto body = read_strict_body(asked.request);
    if (body.has_error()) return body.error();
    bool is_operational{false};
    field_reader fields{*body};
    fields.require("is_operational");
    fields.boolean("is_operational", is_operational);
    if (auto fault = fields.finish()) return std::move(*fault);
    if (region != &parts_.directory.own()) {
        return error{.code = error_code::conflict,
                     .message = "This node is of another region; ask a node of that one."};
    }
    parts_.relay.set_draining(!is_operational);
    return object_response(200, to_json(*region));
}

boost::json::object regions::to_json(const fleet::region_entry& region) const {
    const auto state = parts_.directory.state_of(region);
    return {{"slug", region.slug},
            {"nat2", region.country},
            {"city", region.city},
            {"name", region.name},
            {"lat", region.location.latitude},
            {"lon", region.location.longitude},
            {"is_online", state.online},
            {"is_operational", state.operational}};
}

}  // namespace turnix::api
