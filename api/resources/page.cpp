#include "api/resources/page.hpp"

#include "api/resources/fields.hpp"
#include "api/resources/iso_time.hpp"
#include "api/resources/number_text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace turnix::api {

namespace {

using http::error;

}  // namespace

std::optional<place> place::parse(std::string_view text) noexcept {
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto milliseconds = number_from<std::int64_t>(text.substr(0, dash));
    const auto id = detail::identifier_from_text(text.substr(dash + 1));
    if (!milliseconds || !id) return std::nullopt;
    const decltype(at) when{std::chrono::milliseconds{*milliseconds}};
    return to_wall_time(when) ? std::optional{place{when, *id}} : std::nullopt;
}

std::string place::to_string() const {
    return fmt::format("{}-{}", number(), detail::identifier_to_text(id));
}

result<keyed_page_request, error> read_keyed_page_request(const http::request& from,
                                                          const std::function<bool(std::string_view)>& is_key,
                                                          std::initializer_list<std::string_view> others) {
    keyed_page_request page;
    std::vector<std::string_view> known{others};
    known.insert(known.end(), {"limit", "cursor"});
    if (auto fault = refuse_parameters(from, known)) return std::move(*fault);
    if (const auto* const text = find_parameter(from, "limit")) {
        const auto limit = number_from<std::size_t>(*text);
        if (!limit || *limit < 1 || *limit > page_limit_max) {
            return invalid_field("limit", fmt::format("limit must be from 1 to {}.", page_limit_max));
        }
        page.limit = *limit;
    }
    if (const auto* const text = find_parameter(from, "cursor")) {
        if (!is_key(*text)) {
            return invalid_field("cursor", "cursor must be the next_cursor of an earlier answer.");
        }
        page.after = *text;
    }
    return page;
}

result<page_request, error> read_page_request(const http::request& from,
                                              std::initializer_list<std::string_view> others) {
    const auto is_place = [](std::string_view text) { return place::parse(text).has_value(); };
    const auto page = read_keyed_page_request(from, is_place, others);
    if (page.has_error()) return page.error();
    const auto& after = page->after;
    return page_request{.limit = page->limit, .after = after ? place::parse(*after) : std::nullopt};
}

std::size_t page_limit_of(const http::request& asked) noexcept {
    const auto* const text = find_parameter(asked, "limit");
    return text == nullptr ? page_limit_default
                           : number_from<std::size_t>(*text).value_or(page_limit_default);
}

result<std::optional<wall_time>, error> find_time_parameter(const http::request& from,
                                                            std::string_view name) {
    const auto* const text = find_parameter(from, name);
    if (text == nullptr) return std::optional<wall_time>{};
    const auto time = parse_iso_time(*text);
    if (!time)
        return invalid_field(name,
                             "This must be an ISO 8601 time in UTC, of 1678 to 2261: 2026-01-06T15:14:22Z.");
    return time;
}

std::optional<error> refuse_parameters(const http::request& from, std::span<const std::string_view> known) {
    for (const auto& parameter : from.query) {
        if (std::ranges::find(known, parameter.name) == known.end()) {
            return invalid_field(parameter.name, "This parameter is unknown.");
        }
        if (std::ranges::count(from.query, parameter.name, &http::named_value::name) > 1) {
            return invalid_field(parameter.name, "This parameter stands twice.");
        }
    }
    return std::nullopt;
}

const std::string* find_parameter(const http::request& from, std::string_view name) noexcept {
    const auto found = std::ranges::find(from.query, name, &http::named_value::name);
    return found == from.query.end() ? nullptr : &found->value;
}

http::response page_response(boost::json::array items, boost::json::value next_cursor) {
    return http::json_response(
        200, boost::json::serialize(
                 boost::json::object{{"items", std::move(items)}, {"next_cursor", std::move(next_cursor)}}));
}

}  // namespace turnix::api
