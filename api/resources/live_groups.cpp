#include "api/resources/live_groups.hpp"

#include "api/resources/json_text.hpp"
#include "api/resources/links.hpp"
#include "api/resources/merged_answers.hpp"
#include "api/resources/page.hpp"
#include "api/resources/session_json.hpp"
#include "common/credential/names.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace turnix::api {

namespace {

namespace json = boost::json;
using http::error;
using http::error_code;
using http::method;

void add(contract::traffic_counters& to, const contract::traffic_counters& more) {
    to.uplink_packets += more.uplink_packets;
    to.uplink_bytes += more.uplink_bytes;
    to.downlink_packets += more.downlink_packets;
    to.downlink_bytes += more.downlink_bytes;
}

/// Live sessions that have a name in common.
struct group {
    std::string name;
    wall_time started_at;  ///< the first of them
    wall_time last_activity_at;
    std::int64_t sessions{0};
    std::set<std::string> others;  ///< a room's clients, a client's rooms
    contract::traffic_counters traffic{};

    void take(const contract::live_session& live, const std::vector<std::string>& with) {
        if (sessions == 0 || live.started_at < started_at) started_at = live.started_at;
        last_activity_at = std::max(last_activity_at, live.last_activity_at);
        for (const auto& each : with) others.insert(each);
        add(traffic, live.traffic);
        ++sessions;
    }
};
using groups = std::map<std::string, group>;

using live_list = std::vector<contract::live_session>;

/// The groups of one kind that a session is in, and of the other kind those that it leads to.
struct membership {
    std::vector<std::string> in;
    std::vector<std::string> others;
};

membership membership_of(const contract::live_session& live, bool is_room) {
    membership made{.in = {}, .others = clients_of(*live.claims)};
    if (!live.claims->room.empty()) made.in.push_back(live.claims->room);
    if (!is_room) std::swap(made.in, made.others);
    return made;
}

groups grouped(const live_list& live, const project_id& project, bool is_room) {
    groups all;
    for (const auto& each : live) {
        if (each.claims->project != project) continue;
        const auto [in, others] = membership_of(each, is_room);
        for (const auto& name : in) {
            auto& of = all[name];
            of.name = name;
            of.take(each, others);
        }
    }
    return all;
}

/// The sessions of one group.
live_list members_of(const std::string& name, const live_list& live, const project_id& project,
                     bool is_room) {
    live_list found;
    std::ranges::copy_if(live, std::back_inserter(found), [&](const contract::live_session& each) {
        return each.claims->project == project &&
               std::ranges::count(membership_of(each, is_room).in, name) != 0;
    });
    return found;
}

json::object live_json(const group& of, const char* others) {
    json::array names;
    for (const auto& each : of.others) names.emplace_back(each);
    return {{"sessions", of.sessions},
            {others, std::move(names)},
            {"started_at", of.sessions == 0 ? json::value(nullptr) : json::value(to_iso_time(of.started_at))},
            {"last_activity_at",
             of.sessions == 0 ? json::value(nullptr) : json::value(to_iso_time(of.last_activity_at))},
            {"traffic", to_json(of.traffic)}};
}

json::object total_json(const store::session_totals& ended, const group& live) {
    auto traffic = ended.traffic;
    add(traffic, live.traffic);
    auto first = ended.first_started_at;
    if (live.sessions != 0) first = std::min(first.value_or(live.started_at), live.started_at);
    return {{"sessions", ended.sessions + live.sessions},
            {"first_started_at", time_or_null(first)},
            {"traffic", to_json(traffic)}};
}

/// The place of a group in a list.
struct cursor {
    std::string name;
    [[nodiscard]] const std::string& to_string() const noexcept { return name; }
};

/// Names that either has, once each.
void unite(json::array& to, const json::array& more) {
    std::set<json::string> names;
    for (const auto* const each : {&std::as_const(to), &more}) {
        for (const auto& name : *each) names.insert(name.as_string());
    }
    to = json::array(names.begin(), names.end());
}

/// Of two times as to_iso_time writes them, or null; their order is that of the texts.
void keep(json::value& to, const json::value& other, bool earlier) {
    if (other.is_null()) return;
    const bool replaces =
        to.is_null() || (earlier ? other.as_string() < to.as_string() : other.as_string() > to.as_string());
    if (replaces) to = other;
}

/// A room's or a client's parts of two nodes; of a list's items, or alone with its totals.
void combine(json::object& to, const json::object& more, const char* others) {
    auto& live = to.at("live").as_object();
    const auto& more_live = more.at("live").as_object();
    add_sums(live, more_live);
    unite(live.at(others).as_array(), more_live.at(others).as_array());
    keep(live.at("started_at"), more_live.at("started_at"), true);
    keep(live.at("last_activity_at"), more_live.at("last_activity_at"), false);
    if (!to.contains("total")) return;
    auto& total = to.at("total").as_object();
    const auto& more_total = more.at("total").as_object();
    add_sums(total, more_total);
    keep(total.at("first_started_at"), more_total.at("first_started_at"), true);
}

}  // namespace

live_groups::words live_groups::words_of(kind of) noexcept {
    return of == kind::room ? words{.one = "room", .others = "clients"}
                            : words{.one = "client", .others = "rooms"};
}

std::vector<endpoint> live_groups::endpoints() {
    static constexpr auto scope = model::scope::sessions_read;
    const auto combiner_of = [](kind of) {
        return [others = words_of(of).others](json::object& to, const json::object& more) {
            combine(to, more, others);
        };
    };
    const auto all = [&](const char* path, kind of) {
        const list_rule<std::string> rule{
            .key_of = [name = words_of(of).one](
                          const json::object& item) { return std::string{item.at(name).as_string()}; },
            .cursor_of = std::identity{},
            .combine = combiner_of(of)};
        return endpoint{{method::get, path},
                        scope,
                        work::reads_store,
                        [this, of](const call& asked) { return list(asked, of); },
                        merged_list<std::string>(rule)};
    };
    const auto one = [&](const char* path, kind of) {
        const auto is_meant = [name = words_of(of).one](const call& asked) {
            return credential::is_name(asked.with.path_parameter(name));
        };
        return endpoint{{method::get, path},
                        scope,
                        work::reads_store,
                        [this, of](const call& asked) { return read(asked, of); },
                        merged_object(is_meant, combiner_of(of))};
    };
    return {all("/api/v1/rooms", kind::room), one("/api/v1/rooms/{room}", kind::room),
            all("/api/v1/clients", kind::client), one("/api/v1/clients/{client}", kind::client)};
}

outcome live_groups::list(const call& asked, kind of) {
    const auto page = read_keyed_page_request(asked.request, credential::is_name);
    if (page.has_error()) return page.error();
    const auto& project = *asked.caller.project;
    const bool is_room = of == kind::room;
    const auto live = relay_.live_sessions();
    const auto found = grouped(*live, project.id, is_room);
    std::vector<group> all;
    const auto& after = page->after;
    auto next = after ? found.upper_bound(*after) : found.begin();
    for (; next != found.end() && all.size() <= page->limit; ++next) all.push_back(next->second);
    const auto& links = project.settings.links;
    return page_read(
        std::move(all), *page, [](const group& each) { return cursor{each.name}; },
        [&](const group& each) {
            const auto link = is_room ? link_from(links.room, {.room = each.name})
                                      : link_from(links.client, {.client = each.name});
            return json::object{{words_of(of).one, each.name},
                                {"live", live_json(each, words_of(of).others)},
                                {"link", link}};
        });
}

outcome live_groups::read(const call& asked, kind of) {
    const bool is_room = of == kind::room;
    const auto [one, others] = words_of(of);
    const auto& name = asked.with.path_parameter(one);
    const error unknown{.code = error_code::not_found,
                        .message = is_room ? "There is no such room." : "There is no such client."};
    if (!credential::is_name(name)) return unknown;
    const auto& project = *asked.caller.project;
    auto sessions = members_of(name, *relay_.live_sessions(), project.id, is_room);
    store::session_totals ended;
    records_.run([&](auto& database) {
        ended = is_room ? store::read_room_totals(database, project.id, name)
                        : store::read_client_totals(database, project.id, name);
        // The relay's list may be older than the record of an end, which counts then.
        std::erase_if(sessions, [&](const contract::live_session& each) {
            return store::has_ended(database, project.id, each.id);
        });
    });
    auto found = grouped(sessions, project.id, is_room);
    const auto& live = found[name];
    // Between a session's last moment and the record of its end, only its beginning tells of it.
    if (ended.known == 0 && live.sessions == 0) return unknown;
    const auto& links = project.settings.links;
    return object_response(200, {{one, name},
                                 {"live", live_json(live, others)},
                                 {"total", total_json(ended, live)},
                                 {"link", is_room ? link_from(links.room, {.room = name})
                                                  : link_from(links.client, {.client = name})}});
}

}  // namespace turnix::api
