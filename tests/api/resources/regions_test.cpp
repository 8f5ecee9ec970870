#include "tests/api/resources/node_under_test.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::api;

TEST_CASE("regions are a bare array with every field present", "[api][regions]") {
    node_under_test node;
    const auto answer = node.ask(make_request(http::method::get, "/api/v1/regions"));
    REQUIRE(answer.status == 200);
    CHECK(body_of(answer) == boost::json::parse(R"([
        {"slug":"here","nat2":"DE","city":"H","name":"Here","lat":50.0,"lon":8.0,
         "is_online":true,"is_operational":true},
        {"slug":"there","nat2":"JP","city":"T","name":"There","lat":35.5,"lon":139.0,
         "is_online":true,"is_operational":true},
        {"slug":"away","nat2":"AU","city":"A","name":"Away","lat":-33.0,"lon":151.0,
         "is_online":false,"is_operational":false}])"));

    node.relay.now.draining = true;
    const auto draining = node.ask(make_request(http::method::get, "/api/v1/regions"));
    CHECK(body_of(draining).at(0).at("is_online") == true);
    CHECK(body_of(draining).at(0).at("is_operational") == false);
}

TEST_CASE("this node's region is drained, and taken back", "[api][regions]") {
    node_under_test node;
    const auto set = [&](const std::string& slug, const std::string& body) {
        return node.ask(make_request(http::method::patch, "/api/v1/regions/" + slug, body));
    };
    const auto drained = set("here", R"({"is_operational":false})");
    REQUIRE(drained.status == 200);
    CHECK(body_of(drained).at("is_operational") == false);
    CHECK(node.relay.now.draining);
    CHECK(error_code_of(node.issue(R"({"fixed_region":"here"})")) == "region_unavailable");
    CHECK(body_of(set("here", R"({"is_operational":true})")).at("is_operational") == true);
    CHECK_FALSE(node.relay.now.draining);
    CHECK(node.issue(R"({"fixed_region":"here"})").status == 200);

    CHECK(error_code_of(set("there", R"({"is_operational":false})")) == "conflict");
    CHECK(error_code_of(set("nowhere", R"({"is_operational":false})")) == "not_found");
    CHECK(error_param_of(set("here", "{}")) == "is_operational");
    CHECK(error_param_of(set("here", R"({"is_operational":1})")) == "is_operational");
    CHECK_FALSE(node.relay.now.draining);
}

TEST_CASE("how the regions stand can be asked", "[api][regions]") {
    node_under_test node;
    node.relay.now.sessions = 1;
    node.relay.now.sessions_max = 8;
    const auto links = [&] { return node.ask(make_request(http::method::get, "/api/v1/regions/links")); };
    const auto answer = links();
    REQUIRE(answer.status == 200);
    CHECK(body_of(answer) == boost::json::parse(R"({"region":"here","stale":false,"links":[],"regions":[
        {"slug":"here","state":"operational","load":0.125,"nodes":1,"nodes_online":1},
        {"slug":"there","state":"operational","load":null,"nodes":2,"nodes_online":0},
        {"slug":"away","state":"offline","load":null,"nodes":1,"nodes_online":0}]})"));
    node.relay.now.sessions = 8;
    CHECK(body_of(links()).at("regions").at(0).at("state") == "full");
    node.relay.now.draining = true;
    CHECK(body_of(links()).at("regions").at(0).at("state") == "draining");
    auto asked = make_request(http::method::get, "/api/v1/regions/links");
    asked.query = {{"region", "here"}};
    CHECK(error_param_of(node.ask(asked)) == "region");
}

TEST_CASE("which region a caller gets, and why, can be asked", "[api][regions]") {
    node_under_test node;
    const auto explain = [&](std::vector<http::named_value> query) {
        auto asked = make_request(http::method::get, "/api/v1/regions/explain");
        asked.query = std::move(query);
        return node.ask(asked);
    };
    const auto nearest = body_of(explain({{"client_ip", "192.0.2.1"}}));
    CHECK(nearest.at("client_ip") == "192.0.2.1");
    CHECK(nearest.at("client").is_null());
    CHECK(nearest.at("region") == "here");
    CHECK(nearest.at("reason") == "nearest");
    const auto& ranked = nearest.at("regions").as_array();
    REQUIRE(ranked.size() == 3);
    CHECK(ranked[0].at("slug") == "here");
    CHECK(nearest.at("stale") == false);
    CHECK(nearest.at("nearest") == "here");
    CHECK(ranked[0] == boost::json::parse(R"({"slug":"here","is_online":true,"is_operational":true,
        "distance_km":0.0,"round_trip_ms":null,"detour_km":0.0,"load":0.0,"load_km":0.0,"cost_km":0.0})"));
    CHECK(ranked[1].at("slug") == "there");
    CHECK(ranked[2].at("slug") == "away");
    CHECK(ranked[2].at("is_operational") == false);

    CHECK(body_of(explain({{"preferred_region", "there"}})).at("reason") == "preferred");
    CHECK(body_of(explain({{"preferred_region", "away"}})).at("reason") == "nearest");
    CHECK(body_of(explain({{"fixed_region", "there"}})).at("region") == "there");
    CHECK(body_of(explain({{"fixed_region", "away"}})).at("region").is_null());
    CHECK(error_param_of(explain({{"client_ip", "nowhere"}})) == "client_ip");
    CHECK(error_param_of(explain({{"client", "192.0.2.1"}})) == "client");
}
