#include "api/http/cors.hpp"

#include <catch2/catch.hpp>

using namespace turnix::http;

namespace {

request from_origin(method how, std::string origin) {
    request made;
    made.method = how;
    made.headers.add("Origin", std::move(origin));
    if (how == method::options) made.headers.add("Access-Control-Request-Method", "POST");
    return made;
}

std::string allowed(const cors_policy& policy, const request& asked) {
    response answer;
    policy.allow(asked, answer);
    const auto* const origin = answer.headers.find("Access-Control-Allow-Origin");
    return origin == nullptr ? "" : *origin;
}

}  // namespace

TEST_CASE("CORS is off unless origins are configured", "[http][cors]") {
    const cors_policy off{{}};
    const auto asked = from_origin(method::options, "https://app.example");
    CHECK_FALSE(off.preflight(asked));
    CHECK(allowed(off, asked).empty());
}

TEST_CASE("pages of a configured origin may call and read, others may not", "[http][cors]") {
    const cors_policy policy{{"https://app.example"}};
    const auto* const app = "https://app.example";
    CHECK(policy.preflight(from_origin(method::options, app)).value().status == 204);
    CHECK(allowed(policy, from_origin(method::post, app)) == app);
    CHECK_FALSE(policy.preflight(from_origin(method::post, app)));

    const auto* const other =
        GENERATE("https://evil.example", "http://app.example", "https://app.example.evil.example", "null");
    CHECK_FALSE(policy.preflight(from_origin(method::options, other)));
    CHECK(allowed(policy, from_origin(method::post, other)).empty());
    CHECK(allowed(cors_policy{{"*"}}, from_origin(method::post, other)) == other);
}
