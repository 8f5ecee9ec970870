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

/// Every route that needs a token, as a request that is good but for the token.
std::vector<http::request> guarded_requests() {
    return {make_request(method::post, "/api/v1/credentials/ice", "{}"),
            make_request(method::get, "/api/v1/regions"), make_request(method::get, "/api/v1/tokens"),
            make_request(method::post, "/api/v1/tokens", R"({"name":"n","scopes":["ice:issue"]})"),
            make_request(method::delete_, "/api/v1/tokens/00000000000000000000000000000000")};
}

}  // namespace

TEST_CASE("without a valid token every guarded route is 401 with WWW-Authenticate", "[api][access]") {
    node_under_test node;
    const auto revoked = node.create_token(R"({"name":"a","scopes":["ice:issue","tokens:admin"]})");
    const auto expired = node.create_token(
        R"({"name":"b","scopes":["ice:issue","tokens:admin"],"expires_at":"2026-01-06T15:15:00Z"})");
    const auto id = revoked.substr(4, 32);
    REQUIRE(node.ask(make_request(method::delete_, "/api/v1/tokens/" + id)).status == 204);
    node.now.wall += std::chrono::minutes{2};

    for (const auto& asked : guarded_requests()) {
        for (const auto& text : {std::string{}, std::string{"tnx_x"}, revoked, expired}) {
            const auto answer = node.ask(with_token(asked, text));
            CHECK(answer.status == 401);
            CHECK(*answer.headers.find("WWW-Authenticate") == "Bearer");
        }
    }
}

TEST_CASE("a token does what its scopes say and no more", "[api][access]") {
    node_under_test node;
    const auto issue_only = node.create_token(R"({"name":"a","scopes":["ice:issue"]})");
    const auto admin_only = node.create_token(R"({"name":"b","scopes":["tokens:admin"]})");
    const auto statuses = [&](const std::string& token) {
        std::vector<int> all;
        for (const auto& asked : guarded_requests()) all.push_back(node.ask(with_token(asked, token)).status);
        return all;
    };
    CHECK(statuses(issue_only) == std::vector{200, 200, 403, 403, 403});
    CHECK(statuses(admin_only) == std::vector{403, 200, 200, 403, 404});  // it cannot give ice:issue away
}

TEST_CASE("the operator's socket needs no token and has every scope", "[api][access]") {
    node_under_test node;
    std::vector<int> statuses;
    for (const auto& asked : guarded_requests()) statuses.push_back(node.ask_as_operator(asked).status);
    CHECK(statuses == std::vector{200, 200, 200, 201, 404});
}

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
    const auto answer = node.api.answer(make_request(method::get, "/healthz"), node.now);
    CHECK(answer.status == 200);
    CHECK(answer.body == R"({"status":"ok"})");
}
