#include "api/resources/usage.hpp"

#include "api/resources/fields.hpp"
#include "api/resources/json_text.hpp"
#include "api/resources/merged_answers.hpp"
#include "api/resources/number_text.hpp"
#include "api/resources/page.hpp"
#include "api/resources/session_json.hpp"
#include "api/store/session_history.hpp"
#include "common/credential/names.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace turnix::api {

namespace {

namespace json = boost::json;
using http::error;

constexpr std::chrono::days default_span{30};

/// The names in group_by, separated by commas. An empty one is absent.
std::optional<error> read_groups(std::string_view names, store::usage_query& into) {
    while (!names.empty()) {
        const auto comma = names.find(',');
        const auto name = names.substr(0, comma);
        bool* const chosen = name == "room"     ? &into.by_room
                             : name == "client" ? &into.by_client
                             : name == "region" ? &into.by_region
                             : name == "hour"   ? &into.by_hour
                             : name == "day"    ? &into.by_day
                                                : nullptr;
        if (chosen == nullptr || *chosen) {
            return invalid_field("group_by",
                                 "group_by takes room, client, region and hour or day, each once.");
        }
        *chosen = true;
        names.remove_prefix(comma == std::string_view::npos ? names.size() : comma + 1);
    }
    if (!into.by_hour || !into.by_day) return std::nullopt;
    return invalid_field("group_by", "group_by takes hour or day, not both.");
}

/// "1767711600000.standup.ann.eu-central": names have no dots.
struct cursor {
    store::usage_key key;

    [[nodiscard]] std::string to_string() const {
        return fmt::format("{}.{}.{}.{}", key.begins_at_ms, key.room, key.client, key.region);
    }
    static std::optional<store::usage_key> parse(std::string_view text) {
        std::array<std::string_view, 4> parts;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const auto end = i + 1 < parts.size() ? text.find('.') : text.size();
            if (end == std::string_view::npos) return std::nullopt;
            parts[i] = text.substr(0, end);
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        const auto time = number_from<std::int64_t>(parts[0]);
        const auto is_name = [](std::string_view part) { return part.empty() || credential::is_name(part); };
        if (!time || !std::ranges::all_of(std::span{parts}.subspan(1), is_name)) return std::nullopt;
        return store::usage_key{.begins_at_ms = *time,
                                .room = std::string{parts[1]},
                                .client = std::string{parts[2]},
                                .region = std::string{parts[3]}};
    }
};

store::usage_key key_of(const store::usage_row& row) {
    const auto begins = row.begins_at.value_or(wall_time{}).time_since_epoch();
    return {.begins_at_ms = std::chrono::floor<std::chrono::milliseconds>(begins).count(),
            .room = row.room.value_or(std::string{}),
            .client = row.client.value_or(std::string{}),
            .region = row.region.value_or(std::string{})};
}

/// The same of a row as row_json writes it. Throws when it is no such row.
store::usage_key key_of_json(const json::object& row) {
    const auto text = [&row](std::string_view name) {
        const auto* const value = row.if_contains(name);
        return value == nullptr || value->is_null() ? std::string{} : std::string{value->as_string()};
    };
    const auto begins = row.contains("hour") ? text("hour") : text("day");
    store::usage_row read{.room = text("room"),
                          .client = text("client"),
                          .region = text("region"),
                          .begins_at = {},
                          .sessions = 0,
                          .traffic = {}};
    if (begins.empty()) return key_of(read);
    read.begins_at = parse_iso_time(begins);
    if (!read.begins_at) throw std::invalid_argument{"a sum begins at no time"};
    return key_of(read);
}

result<store::usage_query, error> read_query(const call& asked, const keyed_page_request& page) {
    store::usage_query query{.project = asked.caller.project->id,
                             .from = asked.now() - default_span,
                             .to = asked.now() + std::chrono::hours{1},
                             .after = page.after ? cursor::parse(*page.after) : std::nullopt,
                             .limit = page.limit + 1};
    for (const auto& [name, into] : {std::pair{"from", &query.from}, std::pair{"to", &query.to}}) {
        const auto time = find_time_parameter(asked.request, name);
        if (time.has_error()) return time.error();
        *into = time->value_or(*into);
    }
    if (query.to <= query.from) return invalid_field("to", "to must be later than from.");
    if (const auto* const groups = find_parameter(asked.request, "group_by")) {
        if (auto fault = read_groups(*groups, query)) return std::move(*fault);
    }
    return query;
}

json::object row_json(const store::usage_row& row, const store::usage_query& query) {
    const auto text = [](const std::optional<std::string>& name) {
        return name ? json::value(*name) : json::value(nullptr);
    };
    json::object made;
    if (query.by_hour) made["hour"] = time_or_null(row.begins_at);
    if (query.by_day) made["day"] = time_or_null(row.begins_at);
    if (query.by_room) made["room"] = text(row.room);
    if (query.by_client) made["client"] = text(row.client);
    if (query.by_region) made["region"] = text(row.region);
    made["sessions"] = row.sessions;
    made["traffic"] = to_json(row.traffic);
    return made;
}

list_rule<store::usage_key> by_key() {
    return {.key_of = key_of_json,
            .cursor_of = [](const store::usage_key& key) { return cursor{key}.to_string(); },
            .combine = add_sums};
}

}  // namespace

std::vector<endpoint> usage::endpoints() {
    return {{{http::method::get, "/api/v1/usage"},
             model::scope::usage_read,
             work::reads_store,
             [this](const call& asked) { return sum(asked); },
             merged_list<store::usage_key>(by_key())}};
}

outcome usage::sum(const call& asked) {
    const auto is_cursor = [](std::string_view text) { return cursor::parse(text).has_value(); };
    const auto page = read_keyed_page_request(asked.request, is_cursor, {"from", "to", "group_by"});
    if (page.has_error()) return page.error();
    const auto query = read_query(asked, *page);
    if (query.has_error()) return query.error();
    std::vector<store::usage_row> found;
    records_.run([&](auto& database) { found = store::read_usage(database, *query); });
    return page_read(
        std::move(found), *page, [](const store::usage_row& each) { return cursor{key_of(each)}; },
        [&query](const store::usage_row& each) { return row_json(each, *query); });
}

}  // namespace turnix::api
