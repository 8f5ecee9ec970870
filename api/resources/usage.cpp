#include "api/resources/usage.hpp"

#include "api/resources/fields.hpp"
#include "api/resources/json_text.hpp"
#include "api/resources/page.hpp"
#include "api/resources/session_json.hpp"
#include "api/store/session_history.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <optional>
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

result<store::usage_query, error> read_query(const call& asked, const page_request& page) {
    const auto skip = page.after ? page.after->number() : 0;
    store::usage_query query{.project = asked.caller.project->id,
                             .from = asked.now() - default_span,
                             .to = asked.now() + std::chrono::hours{1},
                             .skip = static_cast<std::size_t>(std::max<std::int64_t>(skip, 0)),
                             .limit = page.limit + 1};
    for (const auto& [name, into] : {std::pair{"from", &query.from}, std::pair{"to", &query.to}}) {
        const auto* const text = find_parameter(asked.request, name);
        if (text == nullptr) continue;
        const auto time = parse_iso_time(*text);
        if (!time) return invalid_field(name, "This must be an ISO 8601 time in UTC: 2026-01-06T15:14:22Z.");
        *into = *time;
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

}  // namespace

std::vector<endpoint> usage::endpoints() {
    return {{{http::method::get, "/api/v1/usage"},
             model::scope::usage_read,
             work::reads_store,
             handler_of(*this, &usage::sum)}};
}

outcome usage::sum(const call& asked) {
    const auto page = read_page_request(asked.request, {"from", "to", "group_by"});
    if (page.has_error()) return page.error();
    const auto query = read_query(asked, *page);
    if (query.has_error()) return query.error();
    std::vector<store::usage_row> found;
    records_.run([&](auto& database) { found = store::read_usage(database, *query); });
    const auto next = static_cast<std::int64_t>(query->skip + page->limit);
    return page_read(
        std::move(found), *page, [next](const store::usage_row&) { return place::numbered(next); },
        [&query](const store::usage_row& each) { return row_json(each, *query); });
}

}  // namespace turnix::api
