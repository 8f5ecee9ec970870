#include "tests/api/resources/node_under_test.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace turnix;
using namespace turnix::api;
using http::method;

namespace {

http::request with_token(http::request asked, const std::string& text) {
    asked.headers.add("Authorization", "Bearer " + text);
    return asked;
}

}  // namespace

TEST_CASE("too many requests of one token are 429 with Retry-After, another token goes on", "[api][access]") {
    node_under_test node{{.credentials = {}, .requests_per_token = {.per_second = 1, .burst = 3}}};
    const auto other = node.create_token(R"({"name":"a","scopes":["ice:issue"]})");
    for (int i = 0; i < 2; ++i) CHECK(node.issue("{}").status == 200);
    const auto refused = node.issue("{}");
    CHECK(error_code_of(refused) == "rate_limited");
    CHECK(*refused.headers.find("Retry-After") == "1");
    CHECK(node.ask(with_token(make_request(method::get, "/api/v1/regions"), other)).status == 200);
    node.now.monotonic += std::chrono::seconds{1};
    CHECK(node.issue("{}").status == 200);
}

TEST_CASE("a request counts against the project that it is for", "[api][access]") {
    node_under_test node{{.credentials = {}, .requests_per_token = {.per_second = 1, .burst = 2}}};
    node.ask(make_request(method::post, "/api/v1/projects", R"({"slug":"calls"})"));
    const auto ask = [&node](const std::string& token, bool for_calls) {
        auto asked = make_request(method::get, "/api/v1/regions");
        if (for_calls) asked.headers.add("X-Project", "calls");
        return node.ask(with_token(std::move(asked), token)).status;
    };
    std::vector<std::string> tokens;
    for (int i = 0; i < 6; ++i) {
        node.now.monotonic += std::chrono::seconds{10};
        tokens.push_back(node.create_token(R"({"name":"a","scopes":["ice:issue"],"reach":"organisation"})"));
    }
    node.now.monotonic += std::chrono::seconds{10};
    const auto last = tokens.back();
    tokens.pop_back();
    for (const auto& token : tokens) {
        CHECK(ask(token, true) == 200);
        CHECK(ask(token, true) == 200);
    }
    CHECK(ask(last, true) == 429);
    CHECK(ask(last, false) == 200);
}

TEST_CASE("who guesses tokens is told to wait, and a right one from the same address is served",
          "[api][access][security]") {
    node_under_test node;
    const auto right = node.create_token(R"({"name":"a","scopes":["ice:issue"]})");
    auto wrong = right;
    wrong.back() = wrong.back() == 'a' ? 'b' : 'a';
    const auto ask = [&](const std::string& token, const char* from) {
        auto asked = make_request(method::get, "/api/v1/regions");
        asked.client = net::address::parse(from).value();
        return node.ask(with_token(std::move(asked), token));
    };
    const auto [guesser, same_source, other_source] = GENERATE(table<const char*, const char*, const char*>(
        {{"192.0.2.7", "192.0.2.7", "192.0.2.8"}, {"2001:db8::7", "2001:db8::8", "2001:db8:0:1::7"}}));
    for (int i = 0; i < 60; ++i) REQUIRE(ask(wrong, guesser).status == 401);
    const auto refused = ask(wrong, same_source);
    CHECK(error_code_of(refused) == "rate_limited");
    CHECK(*refused.headers.find("Retry-After") == "1");
    CHECK(ask(right, guesser).status == 200);
    CHECK(ask("nonsense", guesser).status == 429);
    CHECK(ask(wrong, other_source).status == 401);
    node.now.monotonic += std::chrono::seconds{1};
    CHECK(ask(wrong, guesser).status == 401);
    CHECK(ask(wrong, guesser).status == 429);
}

TEST_CASE("X-Project names a project of the token's organisation, or nothing", "[api][access]") {
    node_under_test node;
    const auto [slug, status] =
        GENERATE(table<const char*, int>({{"default", 200}, {"other", 404}, {"", 404}}));
    auto asked = make_request(method::post, "/api/v1/credentials/ice", "{}");
    asked.headers.add("X-Project", slug);
    CHECK(node.ask(asked).status == status);
}

TEST_CASE("health needs no token", "[api][access]") {
    node_under_test node;
    const auto answer = http::at_once(node.api.answer(make_request(method::get, "/healthz"), node.now));
    CHECK(answer.status == 200);
    CHECK(answer.body == R"({"status":"ok"})");
}
