#include "api/resources/room_pins.hpp"

#include "tests/api/resources/node_under_test.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::api;

namespace {

/// Of the room r, unless another is named.
http::response issue(node_under_test& node, const std::string& more, const std::string& room = "r") {
    return node.issue(R"({"peer_scope":"room","room":")" + room + '"' + more + '}');
}

std::string region_of(const http::response& answer) {
    REQUIRE(answer.status == 200);
    return std::string{body_of(answer).at("region").as_string()};
}

/// Of the server with the credential.
std::string first_url_of(const http::response& answer) {
    return std::string{body_of(answer).at("iceServers").at(1).at("urls").at(0).as_string()};
}

}  // namespace

TEST_CASE("peer_scope room: all live credentials of a room lead to one node", "[api][ice]") {
    node_under_test node;
    const auto first = issue(node, R"(,"fixed_region":"there","ttl":60)");
    CHECK(region_of(first) == "there");
    for (int i = 0; i < 3; ++i) {
        const auto next = issue(node, "");
        CHECK(region_of(next) == "there");
        CHECK(first_url_of(next) == first_url_of(first));
    }
    CHECK(region_of(issue(node, R"(,"preferred_region":"here")")) == "there");
    CHECK(region_of(issue(node, R"(,"fixed_region":"there")")) == "there");
    CHECK(region_of(issue(node, "", "other")) == "here");
    CHECK(region_of(node.issue(R"({"room":"r"})")) == "here");
}

TEST_CASE("peer_scope room: a fixed region that conflicts is 409 while the room lives", "[api][ice]") {
    node_under_test node;
    CHECK(region_of(issue(node, R"(,"ttl":60)")) == "here");
    const auto refused = issue(node, R"(,"fixed_region":"there")");
    CHECK(refused.status == 409);
    CHECK(error_param_of(refused) == "fixed_region");
    node.now.wall += std::chrono::seconds{59};
    CHECK(issue(node, R"(,"fixed_region":"there")").status == 409);
    node.now.wall += std::chrono::seconds{1};
    CHECK(region_of(issue(node, R"(,"fixed_region":"there")")) == "there");
}

TEST_CASE("peer_scope room: a region that takes no more gives its rooms up", "[api][ice]") {
    node_under_test node;
    CHECK(region_of(issue(node, "")) == "here");
    node.relay.now.draining = true;
    CHECK(region_of(issue(node, "")) == "there");
}

TEST_CASE("rooms are pinned for as long as their last credential, up to a maximum", "[api][ice]") {
    room_pins pins;
    const auto project = project_id::random();
    const wall_time now{std::chrono::hours{1}};
    const auto pin = [&now](const char* region, std::chrono::seconds time) {
        return room_pins::pin{.region = region, .node = {}, .until = now + time};
    };
    pins.hold(project, "a", pin("here", std::chrono::seconds{60}), now);
    pins.hold(project, "a", pin("here", std::chrono::seconds{10}), now);
    CHECK(pins.find(project, "a", now + std::chrono::seconds{59}) != nullptr);
    CHECK(pins.find(project, "a", now + std::chrono::seconds{60}) == nullptr);
    CHECK(pins.find(project_id::random(), "a", now) == nullptr);
    for (std::size_t i = 0; i <= room_pins::rooms_max; ++i)
        pins.hold(project, std::to_string(i), pin("here", std::chrono::seconds{60}), now);
    CHECK(pins.find(project, std::to_string(room_pins::rooms_max), now) == nullptr);
    const auto later = now + std::chrono::seconds{60};
    pins.hold(project, "b", pin("here", std::chrono::seconds{90}), later);
    CHECK(pins.find(project, "b", later) != nullptr);
}
