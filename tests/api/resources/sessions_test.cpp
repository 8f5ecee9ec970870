#include "tests/api/resources/node_under_test.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <tuple>

using namespace turnix;
using namespace turnix::api;
using http::method;
using std::chrono::seconds;

namespace {

/// A node with two live sessions of one room, and some that have ended.
struct node_with_calls {
    node_with_calls() {
        const auto project = node.tenants.projects_of(node.first.organisation)[0]->id;
        const auto other = node.tenants.projects_of(node.other.organisation)[0]->id;
        add_live(project, "standup", "ann", credential::party::initiator);
        add_live(project, "standup", "bob", credential::party::receiver);
        add_live(other, "standup", "eve", credential::party::initiator);
        for (int i = 0; i < 3; ++i) add_ended(project, "retro", "ann");
        node.records.flush();
    }

    static credential::claims claims_of(const project_id& project, const std::string& room,
                                        const std::string& client, credential::party role) {
        credential::claims made;
        made.id = credential_id::random();
        made.project = project;
        made.room = room;
        made.role = role;
        made.initiator_client = role == credential::party::receiver ? "ann" : client;
        made.receiver_client = role == credential::party::receiver ? client : "bob";
        made.region = "here";
        return made;
    }

    void add_live(const project_id& project, const std::string& room, const std::string& client,
                  credential::party role) {
        contract::live_session live;
        live.id = session_id::random();
        live.claims = std::make_shared<const credential::claims>(claims_of(project, room, client, role));
        live.client = net::endpoint::parse("203.0.113.7:5000").value();
        live.server = net::endpoint::parse("198.51.100.1:3478").value();
        live.relayed = net::endpoint::parse("198.51.100.1:50000").value();
        live.started_at = node.now.wall - seconds{60};
        live.last_activity_at = node.now.wall - seconds{2};
        live.peers = {net::address::parse("198.51.100.1").value()};
        live.traffic = {
            .uplink_packets = 2, .uplink_bytes = 200, .downlink_packets = 3, .downlink_bytes = 300};
        node.relay.sessions.push_back(live);
        std::vector<contract::session_event> events;
        events.emplace_back(started(live));
        node.records.record_session_events(events);
    }

    void add_ended(const project_id& project, const std::string& room, const std::string& client) {
        contract::live_session live;
        live.id = session_id::random();
        live.claims = std::make_shared<const credential::claims>(
            claims_of(project, room, client, credential::party::initiator));
        live.client = live.server = live.relayed = net::endpoint::parse("198.51.100.1:50000").value();
        live.started_at = node.now.wall - std::chrono::hours{2 + static_cast<int>(ended.size())};
        std::vector<contract::session_event> events;
        events.emplace_back(started(live));
        const auto at = live.started_at + seconds{30};
        for (std::uint32_t sequence = 1; sequence <= 2; ++sequence) {
            events.emplace_back(contract::session_progress{
                .id = live.id, .traffic = traffic(sequence), .sequence = sequence, .at = at});
        }
        events.emplace_back(contract::session_ended{.id = live.id,
                                                    .traffic = traffic(3),
                                                    .sequence = 3,
                                                    .reason = contract::end_reason::client_released,
                                                    .at = at + seconds{30}});
        node.records.record_session_events(events);
        ended.push_back(live.id);
    }

    /// Records the end of the first session that the relay's list has still.
    session_id end_first() {
        const auto id = node.relay.sessions.front().id;
        std::vector<contract::session_event> events;
        events.emplace_back(contract::session_ended{.id = id,
                                                    .traffic = traffic(9),
                                                    .sequence = 1,
                                                    .reason = contract::end_reason::client_released,
                                                    .at = node.now.wall});
        node.records.record_session_events(events);
        node.records.flush();
        return id;
    }

    static contract::traffic_counters traffic(std::uint64_t times) {
        return {.uplink_packets = times,
                .uplink_bytes = 100 * times,
                .downlink_packets = 2 * times,
                .downlink_bytes = 200 * times};
    }

    static contract::session_started started(const contract::live_session& live) {
        return {.id = live.id,
                .claims = live.claims,
                .client = live.client,
                .server = live.server,
                .transport = live.transport,
                .relayed = live.relayed,
                .at = live.started_at};
    }

    boost::json::value get(const std::string& path) {
        const auto answer = node.ask(make_request(method::get, "/api/v1/" + path));
        INFO(path << ' ' << answer.body);
        REQUIRE(answer.status == 200);
        return body_of(answer);
    }

    node_under_test node;
    std::vector<session_id> ended;
};

}  // namespace

TEST_CASE_METHOD(node_with_calls, "sessions are found by room, client, region, state and time",
                 "[api][sessions]") {
    const auto [query, count] = GENERATE(table<std::string, std::size_t>({
        {"", 5},
        {"?state=live", 2},
        {"?state=ended", 3},
        {"?room=standup", 2},
        {"?state=live&client=bob", 1},
        {"?client=ann", 4},
        {"?region=there", 0},
        {"?region=here&state=live", 2},
        {"?from=2026-01-06T15:00:00Z", 2},
        {"?to=2026-01-06T15:00:00Z", 3},
        {"?state=live&from=2026-01-06T15:14:00Z", 0},
    }));
    INFO(query);
    std::set<std::string> found;
    std::string cursor;
    do {
        auto path = "sessions" + query + (query.empty() ? '?' : '&') + "limit=2";
        if (!cursor.empty()) path += "&cursor=" + cursor;
        const auto page = get(path);
        for (const auto& each : page.at("items").as_array()) {
            CHECK(found.emplace(each.at("id").as_string()).second);
        }
        const auto& next = page.at("next_cursor");
        cursor = next.is_null() ? std::string{} : std::string{next.as_string()};
    } while (!cursor.empty());
    CHECK(found.size() == count);
}

TEST_CASE_METHOD(node_with_calls, "a live session has the relay's figures, an ended one the store's",
                 "[api][sessions]") {
    const auto& live = node.relay.sessions.front();
    const auto shown = get("sessions/" + live.id.to_string());
    CHECK(shown.at("state") == "live");
    CHECK(shown.at("traffic").at("uplink_bytes") == 200);
    CHECK(shown.at("peers").as_array().size() == 1);
    CHECK(shown.at("ended_at").is_null());
    CHECK(shown.at("links").at("room").is_null());

    const auto past = get("sessions/" + ended.front().to_string());
    CHECK(past.at("state") == "ended");
    CHECK(past.at("end_reason") == "client_released");
    CHECK(past.at("traffic").at("downlink_bytes") == 600);
    const auto samples = get("sessions/" + ended.front().to_string() + "/samples").at("items").as_array();
    REQUIRE(samples.size() == 3);
    CHECK(samples[1].at("sequence") == 2);
    CHECK(samples[1].at("traffic").at("uplink_bytes") == 200);
}

TEST_CASE_METHOD(node_with_calls, "a session whose end is recorded has ended, whatever the relay's list says",
                 "[api][sessions]") {
    const auto id = end_first().to_string();
    const auto list = get("sessions?state=ended");
    const auto& items = list.at("items").as_array();
    const auto listed =
        std::ranges::find_if(items, [&id](const auto& item) { return item.at("id").as_string() == id; });
    REQUIRE(listed != items.end());
    for (const auto& shown : {*listed, get("sessions/" + id)}) {
        CHECK(shown.at("state") == "ended");
        CHECK(shown.at("traffic").at("uplink_bytes") == 900);
    }
}

TEST_CASE_METHOD(node_with_calls, "a total has each session once, whatever the relay's list says",
                 "[api][sessions]") {
    end_first();
    for (const auto& [path, total, live, uplink] :
         {std::tuple{"rooms/standup", 2, 1, 900 + 200}, std::tuple{"clients/ann", 4, 0, 900 + 3 * 300},
          std::tuple{"clients/bob", 1, 1, 200}}) {
        INFO(path);
        const auto shown = get(path);
        CHECK(shown.at("total").at("sessions") == total);
        CHECK(shown.at("total").at("traffic").at("uplink_bytes") == uplink);
        CHECK(shown.at("live").at("sessions") == live);
    }
}

TEST_CASE_METHOD(node_with_calls, "a live session is ended once, another tenant's never", "[api][sessions]") {
    const auto end = [this](const session_id& id) {
        return node.ask(make_request(method::delete_, "/api/v1/sessions/" + id.to_string())).status;
    };
    const auto mine = node.relay.sessions[0].id;
    const auto theirs = node.relay.sessions[2].id;
    CHECK(end(mine) == 204);
    CHECK(end(mine) == 404);
    CHECK(end(theirs) == 404);
    CHECK(end(ended.front()) == 404);
    CHECK(node.relay.sessions.size() == 2);
}

TEST_CASE_METHOD(node_with_calls, "rooms and clients lead to each other, with their sums",
                 "[api][sessions]") {
    const auto rooms = get("rooms").at("items").as_array();
    REQUIRE(rooms.size() == 1);
    CHECK(rooms[0].at("room") == "standup");
    CHECK(rooms[0].at("live").at("sessions") == 2);
    CHECK(rooms[0].at("live").at("clients") == boost::json::value({"ann", "bob"}));
    CHECK(rooms[0].at("live").at("traffic").at("downlink_bytes") == 600);

    const auto ann = get("clients/ann");
    CHECK(ann.at("live").at("rooms").as_array() == boost::json::array{"standup"});
    CHECK(ann.at("total").at("sessions") == 4);
    CHECK(ann.at("total").at("traffic").at("uplink_bytes") == 200 + 3 * 300);
    CHECK(get("rooms/retro").at("live").at("sessions") == 0);
    CHECK(get("clients").at("items").as_array().size() == 2);
    for (const auto* const path : {"rooms/none", "clients/eve", "rooms/a%20b"}) {
        CHECK(node.ask(make_request(method::get, std::string{"/api/v1/"} + path)).status == 404);
    }
}

TEST_CASE_METHOD(node_with_calls, "usage adds up to what the sessions relayed, however it is grouped",
                 "[api][usage]") {
    const auto [groups, rows] = GENERATE(table<std::string, std::size_t>({
        {"", 1},
        {"?group_by=room", 1},
        {"?group_by=hour", 3},
        {"?group_by=day", 1},
        {"?group_by=client,hour", 3},
        {"?group_by=room,client,region,day", 1},
    }));
    INFO(groups);
    std::int64_t uplink = 0;
    std::size_t found = 0;
    std::string cursor;
    do {
        auto path = "usage" + groups + (groups.empty() ? '?' : '&') + "limit=2";
        if (!cursor.empty()) path += "&cursor=" + cursor;
        const auto page = get(path);
        for (const auto& each : page.at("items").as_array()) {
            uplink += each.at("traffic").at("uplink_bytes").as_int64();
            ++found;
        }
        const auto& next = page.at("next_cursor");
        cursor = next.is_null() ? std::string{} : std::string{next.as_string()};
    } while (!cursor.empty());
    CHECK(uplink == 900);
    CHECK(found == rows);
}

TEST_CASE_METHOD(node_with_calls, "a project's links lead to its own application", "[api][sessions]") {
    const auto changed = node.ask(make_request(method::patch, "/api/v1/projects/default",
                                               R"({"settings":{"links":{"room":"https://app.example/{room}",
            "session":"https://app.example/{room}/{session}"}}})"));
    REQUIRE(changed.status == 200);
    CHECK(get("rooms/standup").at("link") == "https://app.example/standup");
    const auto id = node.relay.sessions.front().id.to_string();
    const auto links = get("sessions/" + id).at("links");
    CHECK(links.at("session") == boost::json::value("https://app.example/standup/" + id));
    CHECK(links.at("client").is_null());
}

TEST_CASE_METHOD(node_with_calls, "lists and sums refuse what they do not know", "[api][sessions]") {
    const auto [path, param] = GENERATE(table<std::string, std::string>({
        {"sessions?state=all", "state"},
        {"sessions?from=yesterday", "from"},
        {"sessions?user=ann", "user"},
        {"rooms?room=a", "room"},
        {"usage?group_by=month", "group_by"},
        {"usage?group_by=hour,day", "group_by"},
        {"usage?group_by=room,room", "group_by"},
        {"usage?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to"},
    }));
    INFO(path);
    const auto answer = node.ask(make_request(method::get, "/api/v1/" + path));
    CHECK(error_code_of(answer) == "field_invalid");
    CHECK(error_param_of(answer) == param);
}
