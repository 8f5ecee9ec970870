#include "api/resources/merged_answers.hpp"

#include "api/resources/json_text.hpp"
#include "common/telemetry/rate_limited_log.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <string_view>

namespace turnix::api {

namespace {

namespace json = boost::json;

void add_number(json::object& to, const json::object& more, std::string_view name) {
    auto& sum = to.at(name);
    sum = sum.to_number<std::uint64_t>() + more.at(name).to_number<std::uint64_t>();
}

json::array text_array(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());
}

/// Nobody who answered knows it: own.status is 404. That there is none only those can say who are not away.
http::response unknown(const call& asked, const http::response& own, const std::vector<std::string>& away) {
    if (away.empty()) return own;
    return http::to_response(
        {.code = http::error_code::unavailable,
         .message = fmt::format("It is not in the regions that answer; {} does not.", fmt::join(away, ", "))},
        asked.request.request_id);
}

}  // namespace

void add_sums(json::object& to, const json::object& more) {
    add_number(to, more, "sessions");
    auto& traffic = to.at("traffic").as_object();
    for (const auto& [name, count] : more.at("traffic").as_object()) {
        add_number(traffic, more.at("traffic").as_object(), name);
    }
}

std::vector<std::string> read_answers(const others_answers& others,
                                      const std::function<void(const json::object&)>& read) {
    static telemetry::rate_limited_log unreadable{"api"};
    auto away = others.away;
    for (const auto& [region, answer] : others.answers) {
        if (answer.status == 404) continue;
        try {
            read(json::parse(answer.body).as_object());
        } catch (const std::exception& fault) {
            unreadable.error("an answer of a node in {} cannot be read: {}", region, fault.what());
            if (std::ranges::find(away, region) == away.end()) away.push_back(region);
        }
    }
    return away;
}

http::response merged_page(json::array items, json::value next_cursor, const std::vector<std::string>& away) {
    return object_response(200, {{"items", std::move(items)},
                                 {"next_cursor", std::move(next_cursor)},
                                 {"partial", text_array(away)}});
}

fleet_rule found_anywhere(meant is_meant) {
    const auto merge = [](const call& asked, const http::response& own, const others_answers& others) {
        for (const auto& [region, answer] : others.answers) {
            if (answer.status == 204) return http::response{.status = 204};
            if (answer.status == 200) return http::json_response(200, answer.body);
        }
        return unknown(asked, own, others.away);
    };
    return {.is_open = [is_meant = std::move(is_meant)](
                           const call& asked,
                           const http::response& own) { return own.status == 404 && is_meant(asked); },
            .merge = merge,
            .first_is_enough = true};
}

fleet_rule merged_object(meant is_meant, combiner combine) {
    const auto merge = [combine = std::move(combine)](const call& asked, const http::response& own,
                                                      const others_answers& others) {
        std::optional<json::object> all;
        const auto read = [&](const json::object& part) { all ? combine(*all, part) : void(all = part); };
        if (own.status == 200) read(json::parse(own.body).as_object());
        const auto away = read_answers(others, read);
        if (!all) return unknown(asked, own, away);
        (*all)["partial"] = text_array(away);
        return object_response(200, *all);
    };
    const auto is_open = [is_meant = std::move(is_meant)](const call& asked, const http::response& own) {
        return (own.status == 200 || own.status == 404) && is_meant(asked);
    };
    return {.is_open = is_open, .merge = merge};
}

}  // namespace turnix::api
