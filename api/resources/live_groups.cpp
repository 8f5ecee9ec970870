#include "api/resources/live_groups.hpp"

#include "api/resources/json_text.hpp"
#include "api/resources/links.hpp"
#include "api/resources/page.hpp"
#include "api/resources/session_json.hpp"
#include "common/credential/names.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
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
    place first;  ///< of its sessions
    wall_time started_at;
    wall_time last_activity_at;
    std::int64_t sessions{0};
    std::set<std::string> others;  ///< a room's clients, a client's rooms
    contract::traffic_counters traffic{};

    void take(const contract::live_session& live, const std::vector<std::string>& with) {
        const auto here = place::of(live.started_at, live.id);
        if (sessions == 0 || here < first) {
            first = here;
            started_at = live.started_at;
        }
        last_activity_at = std::max(last_activity_at, live.last_activity_at);
        for (const auto& each : with) others.insert(each);
        add(traffic, live.traffic);
        ++sessions;
    }
};
using groups = std::map<std::string, group>;

void take(groups& all, const std::string& name, const contract::live_session& live,
          const std::vector<std::string>& with) {
    if (name.empty()) return;
    auto& of = all[name];
    of.name = name;
    of.take(live, with);
}

groups live_rooms(contract::session_control& relay, const project_id& project) {
    groups all;
    const auto live = relay.live_sessions();
    for (const auto& each : *live) {
        if (each.claims->project == project) take(all, each.claims->room, each, clients_of(*each.claims));
    }
    return all;
}

groups live_clients(contract::session_control& relay, const project_id& project) {
    groups all;
    const auto live = relay.live_sessions();
    for (const auto& each : *live) {
        if (each.claims->project != project) continue;
        std::vector<std::string> rooms;
        if (!each.claims->room.empty()) rooms.push_back(each.claims->room);
        for (const auto& client : clients_of(*each.claims)) take(all, client, each, rooms);
    }
    return all;
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

}  // namespace

std::vector<endpoint> live_groups::endpoints() {
    static constexpr auto scope = model::scope::sessions_read;
    const auto route = [this](const char* path, work needs, kind of, bool is_list) {
        return endpoint{{method::get, path}, scope, needs, [this, of, is_list](const call& asked) {
                            return is_list ? list(asked, of) : read(asked, of);
                        }};
    };
    return {route("/api/v1/rooms", work::reads_store, kind::room, true),
            route("/api/v1/rooms/{room}", work::reads_store, kind::room, false),
            route("/api/v1/clients", work::reads_store, kind::client, true),
            route("/api/v1/clients/{client}", work::reads_store, kind::client, false)};
}

outcome live_groups::list(const call& asked, kind of) {
    const auto page = read_page_request(asked.request);
    if (page.has_error()) return page.error();
    const auto& project = *asked.caller.project;
    const bool is_room = of == kind::room;
    const auto found = is_room ? live_rooms(relay_, project.id) : live_clients(relay_, project.id);
    std::vector<group> all;
    for (const auto& [name, each] : found) all.push_back(each);
    std::ranges::sort(all, {}, &group::first);
    const auto& links = project.settings.links;
    return page_of(
        all, *page, [](const group& each) { return each.first; },
        [&](const group& each) {
            const auto link = is_room ? link_from(links.room, {.room = each.name})
                                      : link_from(links.client, {.client = each.name});
            return json::object{{is_room ? "room" : "client", each.name},
                                {"live", live_json(each, is_room ? "clients" : "rooms")},
                                {"link", link}};
        });
}

outcome live_groups::read(const call& asked, kind of) {
    const bool is_room = of == kind::room;
    const auto& name = asked.with.path_parameter(is_room ? "room" : "client");
    const error unknown{.code = error_code::not_found,
                        .message = is_room ? "There is no such room." : "There is no such client."};
    if (!credential::is_name(name)) return unknown;
    const auto& project = *asked.caller.project;
    store::session_totals ended;
    records_.run([&](auto& database) {
        ended = is_room ? store::read_room_totals(database, project.id, name)
                        : store::read_client_totals(database, project.id, name);
    });
    auto found = is_room ? live_rooms(relay_, project.id) : live_clients(relay_, project.id);
    const auto& live = found[name];
    // Between a session's last moment and the record of its end, only its beginning tells of it.
    if (ended.known == 0 && live.sessions == 0) return unknown;
    const auto& links = project.settings.links;
    return object_response(200, {{is_room ? "room" : "client", name},
                                 {"live", live_json(live, is_room ? "clients" : "rooms")},
                                 {"total", total_json(ended, live)},
                                 {"link", is_room ? link_from(links.room, {.room = name})
                                                  : link_from(links.client, {.client = name})}});
}

}  // namespace turnix::api
