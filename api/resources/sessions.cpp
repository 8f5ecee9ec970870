#include "api/resources/sessions.hpp"

#include "api/resources/fields.hpp"
#include "api/resources/json_text.hpp"
#include "api/resources/merged_answers.hpp"
#include "api/resources/page.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace turnix::api {

namespace {

namespace json = boost::json;
using contract::live_session;
using http::error;
using http::error_code;
using http::method;

enum class wanted_state : std::uint8_t { all, live, ended };

struct wish {
    page_request page;
    std::optional<std::string> room;
    std::optional<std::string> client;
    std::optional<std::string> region;
    std::optional<wall_time> from;
    std::optional<wall_time> to;
    wanted_state state{wanted_state::all};
};

std::optional<std::string> text_parameter(const http::request& from, std::string_view name) {
    const auto* const text = find_parameter(from, name);
    return text == nullptr ? std::nullopt : std::optional{*text};
}

result<wish, error> read_wish(const http::request& from) {
    auto page = read_page_request(from, {"room", "client", "region", "state", "from", "to"});
    if (page.has_error()) return page.error();
    auto since = find_time_parameter(from, "from");
    if (since.has_error()) return since.error();
    auto until = find_time_parameter(from, "to");
    if (until.has_error()) return until.error();
    wish made{.page = *page,
              .room = text_parameter(from, "room"),
              .client = text_parameter(from, "client"),
              .region = text_parameter(from, "region"),
              .from = *since,
              .to = *until};
    if (const auto* const state = find_parameter(from, "state")) {
        if (*state != "live" && *state != "ended") {
            return invalid_field("state", "state must be live or ended.");
        }
        made.state = *state == "live" ? wanted_state::live : wanted_state::ended;
    }
    return made;
}

bool fits(const live_session& live, const wish& wanted) {
    const auto& claims = *live.claims;
    const auto clients = clients_of(claims);
    return (!wanted.room || claims.room == *wanted.room) &&
           (!wanted.client || std::ranges::find(clients, *wanted.client) != clients.end()) &&
           (!wanted.from || live.started_at >= *wanted.from) && (!wanted.to || live.started_at < *wanted.to);
}

place place_of(wall_time started_at, const session_id& id) { return place::of(started_at, id); }

/// Those of one project.
std::map<session_id, live_session> live_of(contract::session_control& relay, const project_id& project) {
    std::map<session_id, live_session> found;
    const auto live = relay.live_sessions();
    for (const auto& each : *live) {
        if (each.claims->project == project) found.emplace(each.id, each);
    }
    return found;
}

/// Of two records of one session that which knows more.
void keep_newer(json::object& to, const json::object& other) {
    const auto& at = other.at("last_activity_at").as_string();
    if (to.at("ended_at").is_null() && at >= to.at("last_activity_at").as_string()) to = other;
}

list_rule<place> newest_first() {
    return {.key_of = [](const json::object& item) { return place_of_item<session_id>(item, "started_at"); },
            .cursor_of = &place::to_string,
            .combine = keep_newer};
}

bool names_session(const call& asked) {
    return session_id::parse(asked.with.path_parameter("id")).has_value();
}

error no_such_session() { return {.code = error_code::not_found, .message = "There is no such session."}; }

/// The relay's list is older than the record of an end that it does not know of yet.
bool has_ended(const store::session_row& row) { return row.ended_at.has_value(); }

/// Newest first, one page.
http::response page_of_live(const std::map<session_id, live_session>& live, const wish& wanted,
                            const session_writer& writer) {
    std::map<place, const live_session*, std::greater<>> found;
    for (const auto& [id, each] : live) {
        const auto here = place_of(each.started_at, id);
        const bool is_after = !wanted.page.after || here < *wanted.page.after;
        if (is_after && fits(each, wanted)) found.emplace(here, &each);
    }
    json::array items;
    json::value next_cursor = nullptr;
    for (auto next = found.begin(); next != found.end(); ++next) {
        if (items.size() == wanted.page.limit) {
            next_cursor = std::prev(next)->first.to_string();
            break;
        }
        items.push_back(writer.live(*next->second));
    }
    return page_response(std::move(items), std::move(next_cursor));
}

}  // namespace

std::vector<endpoint> sessions::endpoints() {
    constexpr auto one = "/api/v1/sessions/{id}";
    using model::scope;
    return {
        {{method::get, "/api/v1/sessions"},
         scope::sessions_read,
         work::reads_store,
         [this](const call& asked) { return list(asked); },
         merged_list<place, std::greater<>>(newest_first())},
        {{method::get, one},
         scope::sessions_read,
         work::reads_store,
         [this](const call& asked) { return read(asked); },
         found_anywhere(names_session)},
        {{method::delete_, one},
         scope::sessions_kill,
         work::changes_store,
         [this](const call& asked) { return terminate(asked); },
         found_anywhere(names_session)},
        {{method::get, "/api/v1/sessions/{id}/samples"},
         scope::sessions_read,
         work::reads_store,
         [this](const call& asked) { return samples(asked); },
         found_anywhere(names_session)},
    };
}

outcome sessions::list(const call& asked) {
    const auto wanted = read_wish(asked.request);
    if (wanted.has_error()) return wanted.error();
    const auto& project = *asked.caller.project;
    const auto keys = parts_.keys.get();
    const session_writer writer{project, *keys, parts_.here};
    const auto live = live_of(parts_.relay, project.id);
    if (wanted->state == wanted_state::live) {
        const bool is_elsewhere = wanted->region.value_or(parts_.here.region) != parts_.here.region;
        return is_elsewhere ? page_response({}, nullptr) : page_of_live(live, *wanted, writer);
    }

    store::session_query query{.project = project.id,
                               .room = wanted->room,
                               .client = wanted->client,
                               .region = wanted->region,
                               .ended_only = wanted->state == wanted_state::ended,
                               .from = wanted->from,
                               .to = wanted->to,
                               .limit = wanted->page.limit + 1};
    if (const auto& after = wanted->page.after) {
        query.before_started_at = after->at;
        query.before_id = session_id{after->id};
    }
    std::vector<store::session_row> rows;
    parts_.records.run([&](auto& database) { rows = store::read_sessions(database, query); });
    return page_read(
        std::move(rows), wanted->page,
        [](const store::session_row& each) { return place_of(each.started_at, each.id); },
        [&](const store::session_row& each) {
            const auto now = live.find(each.id);
            return has_ended(each) || now == live.end() ? writer.ended(each) : writer.live(now->second);
        });
}

outcome sessions::read(const call& asked) {
    const auto id = session_id::parse(asked.with.path_parameter("id"));
    if (!id) return no_such_session();
    const auto& project = *asked.caller.project;
    const auto keys = parts_.keys.get();
    const session_writer writer{project, *keys, parts_.here};
    const auto live = live_of(parts_.relay, project.id);
    std::optional<store::session_row> row;
    parts_.records.run([&](auto& database) { row = store::find_session(database, project.id, *id); });
    if (row && has_ended(*row)) return object_response(200, writer.ended(*row));
    if (const auto now = live.find(*id); now != live.end())
        return object_response(200, writer.live(now->second));
    if (!row) return no_such_session();
    return object_response(200, writer.ended(*row));
}

outcome sessions::terminate(const call& asked) {
    const auto id = session_id::parse(asked.with.path_parameter("id"));
    if (!id || !live_of(parts_.relay, asked.caller.project->id).contains(*id)) return no_such_session();
    parts_.relay.terminate(*id);
    return http::response{.status = 204};
}

outcome sessions::samples(const call& asked) {
    const auto page = read_page_request(asked.request);
    if (page.has_error()) return page.error();
    const auto id = session_id::parse(asked.with.path_parameter("id"));
    if (!id) return no_such_session();
    bool is_here{false};
    std::vector<store::session_sample> found;
    const auto& last = page->after;
    const auto after = last ? last->number() : -1;
    parts_.records.run([&](auto& database) {
        is_here = store::has_session_here(database, asked.caller.project->id, *id);
        if (is_here) found = store::read_samples(database, *id, after, page->limit + 1);
    });
    if (!is_here) return no_such_session();
    return page_read(
        std::move(found), *page,
        [&id](const store::session_sample& each) { return place::numbered(each.sequence, id->bytes); },
        [](const store::session_sample& each) {
            return json::object{{"sequence", each.sequence},
                                {"at", to_iso_time(each.at)},
                                {"traffic", to_json(each.traffic)}};
        });
}

}  // namespace turnix::api
