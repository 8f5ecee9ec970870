// Two nodes, without a network between them, and a third that is away: what is asked of one is answered for
// all.
#include "api/fleet/node_key.hpp"
#include "api/resources/iso_time.hpp"
#include "api/resources/relayed_caller.hpp"
#include "api/store/audit_table.hpp"
#include "api/store/credential_table.hpp"
#include "api/store/sqlite_database.hpp"
#include "tests/api/resources/node_under_test.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <vector>

using namespace turnix;
using namespace turnix::api;
using http::method;
using std::chrono::seconds;
namespace json = boost::json;

namespace {

gossip::known_node known(std::uint8_t which) {
    const crypto::secret<32> seed{{which}};
    return {crypto::ed25519_key{seed}.public_key(), *net::endpoint::parse("192.0.2.1:7946")};
}

std::string catalogue_text() {
    std::string text{"regions:\n"};
    std::uint8_t which{0};
    for (const auto* const slug : {"here", "there", "away"}) {
        text += fmt::format(
            "  - {{slug: {}, country: DE, city: C, name: N, lat: 0, lon: 0, nodes: "
            "[{{host: {}.test, udp: 1, gossip: \"192.0.2.1:7946\", public_key: {}}}]}}\n",
            slug, slug, fleet::to_text(known(which++).key));
    }
    return text;
}

/// `one` is asked; `two` is heard, the node in the region "away" is not unless a test says so.
struct two_nodes {
    two_nodes() {
        project = one.tenants.projects_of(one.first.organisation)[0];
        one.regions.use(*fleet::region_catalogue::parse(catalogue_text(), "regions.yaml"));
        hear({1});
        one.others.join(known(0).id, [this](const gossip::node_id& node, const http::request& what,
                                            auto then) { then(answer_of(node, what)); });
        // Whoever is asked by another node must not ask on.
        two.others.join(known(1).id, [](const auto&, const auto&, const auto&) { FAIL("asked on"); });
    }

    void hear(const std::vector<std::uint8_t>& nodes) {
        std::vector<gossip::member> members;
        for (const auto each : nodes) members.emplace_back(known(each)).record.emplace();
        std::ranges::sort(members, {}, &gossip::member::id);
        one.regions.heed(std::make_shared<const fleet::fleet_view>(fleet::gossip_look{.members = members}));
    }

    std::optional<http::response> answer_of(const gossip::node_id& node, http::request what) {
        what.origin = http::origin::fleet_node;
        what.request_id = "fedcba9876543210";
        asked.push_back(node);
        if (node != known(1).id) return away_answer;
        return http::at_once(two.api.answer(what, two.now));
    }

    contract::live_session& add_live(node_under_test& at, const std::string& room, int seconds_ago) {
        credential::claims claims;
        claims.id = credential_id::random();
        claims.project = project->id;
        claims.room = room;
        claims.initiator_client = room + "-ann";
        claims.region = "here";
        contract::live_session live;
        live.id = session_id::random();
        live.claims = std::make_shared<const credential::claims>(claims);
        live.client = live.server = live.relayed = net::endpoint::parse("198.51.100.1:50000").value();
        live.started_at = at.now.wall - seconds{seconds_ago};
        live.last_activity_at = at.now.wall - seconds{1};
        live.traffic = {.uplink_packets = 1, .uplink_bytes = 10, .downlink_packets = 2, .downlink_bytes = 20};
        return at.relay.sessions.emplace_back(live);
    }

    /// Into the store, as if it had ended.
    void add_ended(node_under_test& at, const std::string& room, int seconds_ago) {
        const auto live = add_live(at, room, seconds_ago);
        at.relay.sessions.pop_back();
        std::vector<contract::session_event> events;
        events.emplace_back(contract::session_started{.id = live.id,
                                                      .claims = live.claims,
                                                      .client = live.client,
                                                      .server = live.server,
                                                      .transport = live.transport,
                                                      .relayed = live.relayed,
                                                      .at = live.started_at});
        events.emplace_back(contract::session_ended{.id = live.id,
                                                    .traffic = live.traffic,
                                                    .sequence = 1,
                                                    .reason = contract::end_reason::client_released,
                                                    .at = live.started_at + seconds{1}});
        at.records.record_session_events(events);
        at.records.flush();
    }

    /// Into the store, as if it had been issued there: its id as the API shows it.
    std::string add_credential(node_under_test& at, const std::string& room, int seconds_ago) {
        credential::claims claims;
        claims.id = credential_id::random();
        claims.project = project->id;
        claims.room = room;
        claims.issued_at = std::chrono::floor<seconds>(at.now.wall) - seconds{seconds_ago};
        claims.expires_at = claims.sessions_end_at = claims.issued_at + seconds{30};
        at.records.run([&](auto& database) { store::insert_credential(database, claims); });
        return credential::credential_reference{.id = claims.id, .project = claims.project}.seal(
            *at.keys->current(at.now.wall));
    }

    /// So many live sessions at the end of an interval.
    void show(node_under_test& at, std::size_t sessions, std::chrono::milliseconds later = {}) {
        const auto kept = at.relay.sessions;
        while (at.relay.sessions.size() < sessions) add_live(at, "r", 60);
        at.api.show(
            {.sessions = std::make_shared<const std::vector<contract::live_session>>(at.relay.sessions)},
            {.monotonic = at.now.monotonic + later, .wall = at.now.wall + later});
        at.relay.sessions = kept;
    }

    http::response ask(method what, const std::string& path) {
        return one.ask(make_request(what, "/api/v1/" + path));
    }
    json::value get(const std::string& path) {
        const auto answer = ask(method::get, path);
        INFO(path << ' ' << answer.body);
        REQUIRE(answer.status == 200);
        return body_of(answer);
    }

    /// All items of a list, page by page.
    std::vector<json::object> walk(const std::string& path, std::size_t limit) {
        std::vector<json::object> all;
        std::string cursor;
        do {
            const auto page =
                get(fmt::format("{}{}limit={}{}", path, path.find('?') == std::string::npos ? '?' : '&',
                                limit, cursor.empty() ? cursor : "&cursor=" + cursor));
            CHECK(page.at("items").as_array().size() <= limit);
            CHECK(page.at("partial") == json::array{"away"});
            for (const auto& each : page.at("items").as_array()) all.push_back(each.as_object());
            const auto& next = page.at("next_cursor");
            cursor = next.is_null() ? std::string{} : std::string{next.as_string()};
        } while (!cursor.empty());
        return all;
    }

    node_under_test one;
    node_under_test two{{}, one.keys};
    auth::project_pointer project;
    std::vector<gossip::node_id> asked;
    std::optional<http::response> away_answer;
};

std::vector<std::string> texts(const std::vector<json::object>& items, const char* name) {
    std::vector<std::string> all;
    for (const auto& each : items) all.emplace_back(each.at(name).as_string());
    return all;
}

}  // namespace

TEST_CASE_METHOD(two_nodes, "lists of sessions are merged, newest first, each session once", "[api][fleet]") {
    const auto limit = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{50});
    const bool is_live = GENERATE(true, false);
    CAPTURE(limit, is_live);
    for (int i = 0; i < 7; ++i) {
        auto& at = i % 3 == 0 ? one : two;
        if (is_live) {
            add_live(at, "r" + std::to_string(i), 10 * (i + 1));
        } else {
            add_ended(at, "r" + std::to_string(i), 10 * (i + 1));
        }
    }
    const auto all = walk(is_live ? "sessions?state=live" : "sessions", limit);
    CHECK(texts(all, "room") == std::vector<std::string>{"r0", "r1", "r2", "r3", "r4", "r5", "r6"});
}

TEST_CASE_METHOD(two_nodes, "rooms and clients are merged by name, with the sums of all nodes",
                 "[api][fleet]") {
    const auto limit = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{50});
    CAPTURE(limit);
    for (const auto* const room : {"a", "c", "d", "e"}) add_live(one, room, 60);
    for (const auto* const room : {"b", "c", "e", "f"}) add_live(two, room, 120);
    const auto rooms = walk("rooms", limit);
    CHECK(texts(rooms, "room") == std::vector<std::string>{"a", "b", "c", "d", "e", "f"});
    const auto& shared = rooms[2].at("live");
    CHECK(shared.at("sessions") == 2);
    CHECK(shared.at("clients") == json::array{"c-ann"});
    CHECK(shared.at("traffic").at("downlink_bytes") == 40);
    CHECK(parse_iso_time(shared.at("started_at").as_string()) == one.now.wall - seconds{120});
    CHECK(walk("clients", limit).size() == 6);
}

TEST_CASE_METHOD(two_nodes, "a room is what all nodes know of it", "[api][fleet]") {
    add_live(one, "both", 60);
    add_live(two, "both", 120);
    add_ended(two, "both", 600);
    add_ended(two, "past", 600);
    const auto both = get("rooms/both");
    CHECK(both.at("live").at("sessions") == 2);
    CHECK(both.at("total").at("sessions") == 3);
    CHECK(both.at("total").at("traffic").at("uplink_bytes") == 30);
    CHECK(parse_iso_time(both.at("total").at("first_started_at").as_string()) == one.now.wall - seconds{600});
    CHECK(both.at("partial") == json::array{"away"});
    const auto past = get("clients/past-ann");
    CHECK(past.at("live").at("sessions") == 0);
    CHECK(past.at("live").at("started_at").is_null());
    CHECK(past.at("total").at("sessions") == 1);
}

TEST_CASE_METHOD(two_nodes, "usage adds up over the nodes, page by page", "[api][fleet]") {
    const auto limit = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{50});
    CAPTURE(limit);
    for (const auto* const room : {"a", "b"}) add_ended(one, room, 60);
    for (const auto* const room : {"b", "c"}) add_ended(two, room, 60);
    add_ended(two, "c", 7'200);
    const auto rows = walk("usage?group_by=room,hour", limit);
    CHECK(texts(rows, "room") == std::vector<std::string>{"c", "a", "b", "c"});
    CHECK(rows[2].at("sessions") == 2);
    CHECK(rows[2].at("traffic").at("uplink_bytes") == 20);
    const auto whole = walk("usage", limit);
    REQUIRE(whole.size() == 1);
    CHECK(whole[0].at("sessions") == 5);
}

TEST_CASE_METHOD(two_nodes, "a session is found and ended on the node that has it", "[api][fleet]") {
    const auto id = add_live(two, "r", 60).id.to_string();
    CHECK(get("sessions/" + id).at("room") == "r");
    CHECK(ask(method::delete_, "sessions/" + id).status == 204);
    CHECK(two.relay.sessions.empty());
    const auto lines = [](node_under_test& at) {
        at.records.flush();
        std::vector<std::int64_t> statuses;
        at.records.run([&](store::sqlite_database& database) {
            auto rows = database.query("select status from audit");
            while (rows.next()) statuses.push_back(rows.get<std::int64_t>(0));
        });
        return statuses;
    };
    CHECK(lines(one) == std::vector<std::int64_t>{204});
    CHECK(lines(two).empty());
}

TEST_CASE_METHOD(two_nodes, "lists of credentials are merged, newest first, and each is found",
                 "[api][fleet]") {
    const auto limit = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{50});
    CAPTURE(limit);
    std::string theirs;
    for (int i = 0; i < 5; ++i) {
        const auto id = add_credential(i % 2 == 0 ? one : two, "r" + std::to_string(i), 10 * (i + 1));
        if (i == 3) theirs = id;
    }
    const auto all = walk("credentials", limit);
    CHECK(texts(all, "room") == std::vector<std::string>{"r0", "r1", "r2", "r3", "r4"});
    CHECK(texts(walk("credentials?active=true", limit), "room") == std::vector<std::string>{"r0", "r1"});
    CHECK(get("credentials/" + theirs).at("room") == "r3");
}

TEST_CASE_METHOD(two_nodes, "the audit logs of all nodes are one, each line as far as the caller may see it",
                 "[api][fleet]") {
    const auto limit = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{50});
    CAPTURE(limit);
    const auto other_project = project_id::random();
    for (int i = 0; i < 5; ++i) {
        const store::audit_entry entry{.id = audit_id::random(),
                                       .at = one.now.wall - seconds{i},
                                       .organisation = project->organisation,
                                       .project = i == 3 ? other_project : project->id,
                                       .token = {},
                                       .action = "a" + std::to_string(i),
                                       .target = "/",
                                       .client = {},
                                       .request_id = "r",
                                       .status = 200};
        auto& at = i % 2 == 0 ? one : two;
        at.records.run([&](auto& database) { store::insert_audit_entry(database, entry); });
    }
    CHECK(texts(walk("audit", limit), "action") == std::vector<std::string>{"a0", "a1", "a2", "a3", "a4"});
    auto narrow = make_request(method::get, "/api/v1/audit");
    narrow.headers.add(
        "Authorization",
        "Bearer " + one.create_token(R"({"name":"n","scopes":["audit:read"],"reach":"project"})"));
    const auto seen = body_of(one.ask(narrow)).at("items").as_array();
    CHECK(seen.size() == 5);  // the token's own making, and all but a3
}

TEST_CASE_METHOD(two_nodes, "figures are those of all nodes, each sample with the nearest", "[api][fleet]") {
    using std::chrono::milliseconds;
    for (const auto later : {milliseconds{0}, milliseconds{2'000}, milliseconds{10'000}}) show(one, 1, later);
    show(two, 3, milliseconds{-900});
    show(two, 5, milliseconds{1'100});
    show(two, 7, milliseconds{3'100});
    const auto live = [](const json::value& answer) {
        std::vector<std::uint64_t> all;
        for (const auto& each : answer.at("items").as_array())
            all.push_back(each.at("live_sessions").to_number<std::uint64_t>());
        return all;
    };
    const auto whole = get("stats");
    CHECK(live(whole) == std::vector<std::uint64_t>{1 + 3, 1 + 5, 1});
    CHECK(whole.at("nodes") == 2);
    CHECK(whole.at("partial") == json::array{"away"});
    CHECK(whole.at("items").at(0).at("at").as_string() == to_iso_time(one.now.wall));
    CHECK(whole.at("items").at(0).at("node").at("live_sessions") == 0);

    CHECK(live(get("stats?from=" + to_iso_time(one.now.wall + milliseconds{1}))) ==
          std::vector<std::uint64_t>{1 + 5, 1});
    const auto here = get("stats?region=here");
    CHECK(live(here) == std::vector<std::uint64_t>{1, 1, 1});
    CHECK(here.at("nodes") == 1);
    CHECK(here.at("partial").as_array().empty());
}

TEST_CASE_METHOD(two_nodes, "figures of a fleet keep their ETag as long as nothing changes", "[api][fleet]") {
    show(one, 1);
    auto again = make_request(method::get, "/api/v1/stats");
    const auto first = one.ask(again);
    const auto* const tag = first.headers.find("ETag");
    REQUIRE(tag != nullptr);
    again.headers.add("If-None-Match", *tag);
    CHECK(one.ask(again).status == 304);
    show(two, 1);
    CHECK(one.ask(again).status == 200);
}

TEST_CASE_METHOD(two_nodes, "that there is no such thing is said only when all have been asked",
                 "[api][fleet]") {
    const auto path = GENERATE("sessions/", "rooms/", "clients/");
    const auto missing = path + session_id::random().to_string();
    CHECK(error_code_of(ask(method::get, missing)) == "unavailable");
    away_answer = http::json_response(404, "{}");
    hear({1, 2});
    CHECK(ask(method::get, missing).status == 404);
    asked.clear();
    CHECK(ask(method::get, path + std::string{"no.such"}).status == 404);
    CHECK(asked.empty());
}

TEST_CASE_METHOD(two_nodes, "a filter for a region asks only there", "[api][fleet]") {
    add_live(one, "r", 60);
    const auto [region, nodes] =
        GENERATE(table<std::string, std::size_t>({{"here", 0}, {"there", 1}, {"nowhere", 0}}));
    CAPTURE(region);
    const auto page = get("sessions?state=live&region=" + region);
    CHECK(asked.size() == nodes);
    CHECK(page.at("partial").as_array().empty());
    CHECK(page.at("items").as_array().size() == (region == "here" ? 1 : 0));
}

TEST_CASE_METHOD(two_nodes, "an answer that cannot be read counts as none", "[api][fleet]") {
    add_live(one, "r", 60);
    hear({1, 2});
    const auto body = GENERATE("", "[]", R"({"items":[{}],"next_cursor":null})", R"({"items":[],"next":1})",
                               R"({"items":[{"id":1,"started_at":2}],"next_cursor":null})");
    const auto status = GENERATE(200, 403, 500);
    CAPTURE(body, status);
    away_answer = http::json_response(static_cast<std::uint16_t>(status), body);
    const auto page = get("sessions?state=live");
    CHECK(page.at("partial") == json::array{"away"});
    CHECK(page.at("items").as_array().size() == 1);
    CHECK(get("rooms").at("partial") == json::array{"away"});
    CHECK(get("rooms/r").at("partial") == json::array{"away"});
}

TEST_CASE_METHOD(two_nodes, "a node believes another one who asks, for what nodes ask each other only",
                 "[api][fleet][security]") {
    add_live(two, "r", 60);
    model::principal caller{.token = {},
                            .reach = {.organisation = project->organisation, .project = project->id},
                            .scopes = {model::scope::sessions_read},
                            .project = project};
    const auto status = [&](method what, std::string path, const auto& spoil) {
        auto relayed = relayed_request(make_request(what, "/api/v1/" + std::move(path)), caller);
        spoil(relayed);
        return answer_of(known(1).id, relayed)->status;
    };
    const auto as_it_is = [](http::request&) {};
    CHECK(status(method::get, "sessions?state=live", as_it_is) == 200);
    CHECK(status(method::delete_, "sessions/" + two.relay.sessions[0].id.to_string(), as_it_is) == 403);
    for (const auto* const path : {"regions", "tokens", "projects", "events", "webhooks"}) {
        CHECK(status(method::get, path, as_it_is) == 404);
    }
    CHECK(status(method::get, "sessions", [](http::request& asking) { asking.headers = {}; }) == 401);
    CHECK(status(method::get, "sessions", [this](http::request& asking) {
              asking.headers = {{"Authorization", "Bearer " + two.first.token_text}};
          }) == 401);
    // A project that is another organisation's on the node that is asked.
    const auto theirs = two.tenants.projects_of(two.first.organisation)[0];
    caller.project =
        std::make_shared<const model::project>(model::project{.id = theirs->id,
                                                              .organisation = project->organisation,
                                                              .slug = {},
                                                              .settings = {},
                                                              .created_at = {}});
    CHECK(status(method::get, "sessions", as_it_is) == 401);
}

TEST_CASE("a request from a client cannot pass for a node's", "[api][fleet][security]") {
    node_under_test node;
    const auto project = node.tenants.projects_of(node.first.organisation)[0];
    auto asked = make_request(method::get, "/api/v1/sessions");
    asked.headers = {{"Turnix-Organisation", project->organisation.to_string()},
                     {"Turnix-Project", project->id.to_string()},
                     {"Turnix-Scopes", "sessions:read"},
                     {"Authorization", "Bearer none"}};
    CHECK(node.ask(asked).status == 401);
}
