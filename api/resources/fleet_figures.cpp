#include "api/resources/fleet_figures.hpp"

#include "api/resources/figures_book.hpp"
#include "api/resources/json_text.hpp"
#include "api/resources/merged_answers.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace turnix::api {

namespace {

namespace json = boost::json;

constexpr auto apart_most = 2 * figures_book::interval;

struct sample {
    wall_time at;
    json::object figures;
};
using samples = std::vector<sample>;

/// Throws when it is not of the form that this node writes.
samples read_samples(const json::object& answer) {
    samples made;
    for (const auto& each : answer.at("items").as_array()) {
        const auto& figures = each.as_object();
        const auto at = parse_iso_time(figures.at("at").as_string());
        if (!at) throw std::invalid_argument{"a sample without its time"};
        made.push_back({.at = *at, .figures = figures});
    }
    return made;
}

/// Is it not to be added up?
bool is_of_one_node(std::string_view name) noexcept {
    return name == "at" || name == "interval_s" || name == "node";
}

/// Rates are no integers, counts are.
json::value sum_of(const json::value& one, const json::value& other) {
    if (one.is_double() || other.is_double()) return one.to_number<double>() + other.to_number<double>();
    return one.to_number<std::uint64_t>() + other.to_number<std::uint64_t>();
}

void add_figures(json::object& to, const json::object& more) {
    for (const auto& [name, value] : more) {
        if (is_of_one_node(name)) continue;
        auto& here = to[name];
        if (here.is_null()) {
            here = value;
        } else if (here.is_object()) {
            add_figures(here.as_object(), value.as_object());
        } else {
            here = sum_of(here, value);
        }
    }
}

/// Null when none is near enough.
const sample* nearest(const samples& among, wall_time at) {
    const auto apart = [at](const sample& each) { return std::chrono::abs(each.at - at); };
    const auto after = std::ranges::lower_bound(among, at, {}, &sample::at);
    const sample* found = after == among.end() ? nullptr : &*after;
    if (after != among.begin()) {
        const auto& before = *std::prev(after);
        if (found == nullptr || apart(before) < apart(*found)) found = &before;
    }
    return found != nullptr && apart(*found) <= apart_most ? found : nullptr;
}

/// One series on its way to be that of all nodes.
struct series_of_all {
    samples all;
    json::object answer;
    std::int64_t nodes{0};

    void take(const json::object& part) {
        const auto read = read_samples(part);
        nodes += part.at("nodes").as_int64();
        if (all.empty()) {
            all = read;
            return;
        }
        for (auto& each : all) {
            if (const auto* const other = nearest(read, each.at)) add_figures(each.figures, other->figures);
        }
    }
};

http::response merge(const call& /*asked*/, const http::response& own, const others_answers& others) {
    series_of_all made;
    made.answer = json::parse(own.body).as_object();
    made.take(made.answer);
    const auto away = read_answers(others, [&made](const json::object& part) { made.take(part); });
    json::array items;
    items.reserve(made.all.size());
    for (auto& each : made.all) items.push_back(std::move(each.figures));
    made.answer["items"] = std::move(items);
    made.answer["nodes"] = made.nodes;
    made.answer["partial"] = json::array(away.begin(), away.end());
    return object_response(200, made.answer);
}

}  // namespace

fleet_rule merged_figures() {
    return {.is_open = [](const call&, const http::response& own) { return own.status == 200; },
            .merge = merge};
}

}  // namespace turnix::api
