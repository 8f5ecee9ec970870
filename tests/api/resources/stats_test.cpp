#include "api/resources/stats.hpp"

#include "tests/api/resources/node_under_test.hpp"

#include <boost/json/array.hpp>
#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::api;
using http::method;

namespace {

contract::live_session session_of(const project_id& project, std::uint64_t uplink_bytes) {
    credential::claims claims;
    claims.project = project;
    contract::live_session made;
    made.id = session_id::random();
    made.claims = std::make_shared<const credential::claims>(claims);
    made.traffic = {.uplink_packets = uplink_bytes / 100, .uplink_bytes = uplink_bytes};
    return made;
}

relay_look look_at(std::vector<contract::live_session> sessions) {
    const auto count = static_cast<std::uint32_t>(sessions.size());
    return {.sessions = std::make_shared<const std::vector<contract::live_session>>(std::move(sessions)),
            .load = {.sessions = count, .sessions_max = 10}};
}

/// The samples that the first token sees.
boost::json::array samples(node_under_test& node, const std::string& query = {}) {
    const auto answer = node.ask(make_request(method::get, "/api/v1/stats" + query));
    REQUIRE(answer.status == 200);
    return body_of(answer).at("items").as_array();
}

instant after(const node_under_test& node, std::chrono::seconds time) {
    return {.monotonic = node.now.monotonic + time, .wall = node.now.wall + time};
}

}  // namespace

TEST_CASE("stats: what sessions relay between two looks becomes a rate, by project", "[api][stats]") {
    node_under_test node;
    const auto own = node.tenants.find_project(node.first.organisation, "default")->id;
    auto call = session_of(own, 1'000);
    const auto foreign = session_of(project_id::random(), 50'000);
    node.api.show(look_at({call, foreign}), node.now);
    call.traffic.uplink_bytes += 3'000;
    call.traffic.downlink_packets = 8;
    node.api.show(look_at({call, foreign}), after(node, std::chrono::seconds{4}));
    node.api.show(look_at({foreign}), after(node, std::chrono::seconds{6}));

    const auto seen = samples(node);
    REQUIRE(seen.size() == 3);
    CHECK(seen[0].at("live_sessions") == 1);
    CHECK(seen[0].at("uplink_bps").as_double() == 4'000);
    CHECK(seen[1].at("interval_s").as_double() == 4);
    CHECK(seen[1].at("at") == "2026-01-06T15:14:26.277Z");
    CHECK(seen[1].at("uplink_bps").as_double() == 6'000);
    CHECK(seen[1].at("downlink_pps").as_double() == 2);
    CHECK(seen[2].at("live_sessions") == 0);
    CHECK(seen[2].at("uplink_bps").as_double() == 0);
}

TEST_CASE("stats: issues and refusals are counted by project, refusals by reason", "[api][stats]") {
    node_under_test node;
    for (int i = 0; i < 3; ++i) CHECK(node.issue("{}").status == 200);
    CHECK(node.issue(R"({"room":"?"})").status == 422);
    for (int i = 0; i < 2; ++i) CHECK(node.issue(R"({"fixed_region":"away"})").status == 503);
    auto seen = look_at({});
    seen.refused = {{"486", 7}, {"no_permission", 0}};
    node.api.show(seen, node.now);
    seen.refused = {{"486", 9}, {"no_permission", 0}};
    node.api.show(seen, after(node, std::chrono::seconds{2}));

    const auto found = samples(node);
    CHECK(found[0].at("issued_per_s").as_double() == 1.5);
    CHECK(found[0].at("refused_per_s") ==
          boost::json::value({{"field_invalid", 0.5}, {"region_unavailable", 1.0}}));
    CHECK(found[1].at("issued_per_s").as_double() == 0);
    CHECK(found[1].at("refused_per_s").as_object().empty());
    const auto& of_node = found[0].at("node");
    CHECK(of_node.at("refused_per_s") ==
          boost::json::value({{"486", 3.5}, {"field_invalid", 0.5}, {"region_unavailable", 1.0}}));
    CHECK(of_node.at("issued_per_s").as_double() == 1.5);
    CHECK(of_node.at("sessions_max") == 10);
    CHECK(found[1].at("node").at("refused_per_s") == boost::json::value({{"486", 1.0}}));
}

TEST_CASE("stats: the node's figures are for whom it belongs to", "[api][stats]") {
    node_under_test node;
    node.api.show(look_at({}), node.now);
    const auto of_project = node.create_token(R"({"name":"a","scopes":["stats:read"]})");
    for (const auto& token : {of_project, node.other.token_text}) {
        auto asked = make_request(method::get, "/api/v1/stats");
        asked.headers.add("Authorization", "Bearer " + token);
        CHECK(body_of(node.ask(asked)).at("items").at(0).at("node").is_null());
    }
    CHECK(samples(node)[0].at("node").is_object());
}

TEST_CASE("stats: series chooses, and refuses what is none", "[api][stats]") {
    node_under_test node;
    node.api.show(look_at({}), node.now);
    const auto some = samples(node, "?series=live_sessions,uplink_bps")[0];
    CHECK(some.as_object().size() == 4);
    CHECK(some.at("live_sessions") == 0);
    CHECK(some.as_object().contains("uplink_bps"));
    for (const auto* const query :
         {"?series=x", "?series=node,node", "?series=,", "?from=1", "?series=a&series=b"}) {
        INFO(query);
        CHECK(node.ask(make_request(method::get, std::string{"/api/v1/stats"} + query)).status == 422);
    }
}

TEST_CASE("stats: the last ten minutes are kept", "[api][stats]") {
    node_under_test node;
    for (std::size_t i = 0; i <= figures_book::moments_max; ++i) {
        node.api.show(look_at({}), after(node, figures_book::interval * i));
    }
    const auto found = samples(node);
    REQUIRE(found.size() == figures_book::moments_max);
    CHECK(found[0].at("at") == "2026-01-06T15:14:24.277Z");
}
