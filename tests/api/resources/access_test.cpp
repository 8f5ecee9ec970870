#include "tests/api/resources/node_under_test.hpp"

#include <catch2/catch.hpp>

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
