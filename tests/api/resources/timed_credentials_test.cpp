// GET /api/v1/turn: what applications of another TURN server ask.
#include "common/credential/timed_username.hpp"
#include "tests/api/resources/node_under_test.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace turnix;
using namespace turnix::api;

namespace {

using query = std::vector<http::named_value>;

http::request asked_for(query with) {
    auto made = make_request(http::method::get, "/api/v1/turn");
    made.query = std::move(with);
    return made;
}

}  // namespace

TEST_CASE("a credential by name and time is what the draft says, under the secret that the relay has",
          "[api][turn]") {
    node_under_test node;
    const auto answer = node.ask(asked_for({{"service", "turn"}, {"username", "ann@a"}}));
    REQUIRE(answer.status == 200);
    CHECK(*answer.headers.find("Cache-Control") == "no-store");
    CHECK(answer.headers.find("ETag") == nullptr);
    const auto body = body_of(answer);
    const std::string username{body.at("username").as_string()};
    CHECK(username == "1767712493:ann@a");
    CHECK(body.at("password").as_string() == credential::timed_password(username, "north"));
    CHECK(body.at("ttl") == 30);
    CHECK(body.at("uris").as_array().size() == 3);
    CHECK(body.at("uris").as_array().front() == "turn:here.test:3478?transport=udp");
    CHECK(body_of(node.ask(asked_for({{"service", "turn"}}))).at("username") == "1767712493");
}

TEST_CASE("the token may be the query's key", "[api][turn]") {
    node_under_test node;
    const auto ask = [&](const query& with) { return node.api.answer(asked_for(with), node.now); };
    CHECK(ask({{"service", "turn"}, {"key", node.first.token_text}}).status == 200);
    CHECK(ask({{"service", "turn"}, {"key", "tnx_x"}}).status == 401);
    CHECK(ask({{"service", "turn"}}).status == 401);
    auto elsewhere = make_request(http::method::get, "/api/v1/token");
    elsewhere.query = {{"key", node.first.token_text}};
    CHECK(node.api.answer(elsewhere, node.now).status == 401);
}

TEST_CASE("credentials by name and time are for the project that shares a secret, and asked for as they are",
          "[api][turn]") {
    node_under_test node;
    const auto refused = [&](const query& with) { return error_param_of(node.ask(asked_for(with))); };
    CHECK(refused({}) == "service");
    CHECK(refused({{"service", "stun"}}) == "service");
    CHECK(refused({{"service", "turn"}, {"ttl", "60"}}) == "ttl");
    CHECK(refused({{"service", "turn"}, {"username", std::string(500, 'a')}}) == "username");
    const auto of_other = asked_for({{"service", "turn"}, {"key", node.other.token_text}});
    CHECK(error_code_of(node.api.answer(of_other, node.now)) == "not_found");
}
