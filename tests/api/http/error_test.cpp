#include "api/http/error.hpp"

#include <catch2/catch.hpp>

using namespace turnix::http;

TEST_CASE("each error code has its text and its status", "[http][error]") {
    const auto [code, text, status] = GENERATE(table<error_code, const char*, int>({
        {error_code::malformed, "malformed", 400},
        {error_code::unauthorized, "unauthorized", 401},
        {error_code::forbidden, "forbidden", 403},
        {error_code::not_found, "not_found", 404},
        {error_code::method_not_allowed, "method_not_allowed", 405},
        {error_code::request_timeout, "request_timeout", 408},
        {error_code::conflict, "conflict", 409},
        {error_code::payload_too_large, "payload_too_large", 413},
        {error_code::unsupported_media_type, "unsupported_media_type", 415},
        {error_code::field_invalid, "field_invalid", 422},
        {error_code::unknown_region, "unknown_region", 422},
        {error_code::rate_limited, "rate_limited", 429},
        {error_code::header_too_large, "header_too_large", 431},
        {error_code::internal, "internal", 500},
        {error_code::unavailable, "unavailable", 503},
        {error_code::region_unavailable, "region_unavailable", 503},
    }));
    CHECK(to_string(code) == text);
    CHECK(status_of(code) == status);
    CHECK(to_response({.code = code}, "id").status == status);
}

TEST_CASE("an error has one shape: code, message, param, request_id", "[http][error]") {
    const auto answer = to_response(
        {.code = error_code::region_unavailable, .message = "It is \"down\".", .param = "fixed_region"},
        "0123");
    CHECK(answer.body ==
          R"({"error":{"code":"region_unavailable","message":"It is \"down\".","param":"fixed_region",)"
          R"("request_id":"0123"}})");
    CHECK(*answer.headers.find("content-type") == "application/json");
    CHECK(to_response({.code = error_code::malformed, .message = "m"}, "1").body ==
          R"({"error":{"code":"malformed","message":"m","request_id":"1"}})");
}

TEST_CASE("an error carries the header field that its status requires", "[http][error]") {
    using namespace std::chrono_literals;
    const auto field = [](const error& what, const char* name) {
        const auto answer = to_response(what, "id");
        const auto* const value = answer.headers.find(name);
        return value == nullptr ? std::string{"none"} : *value;
    };
    CHECK(field({.code = error_code::unauthorized}, "WWW-Authenticate") == "Bearer");
    CHECK(field({.code = error_code::method_not_allowed, .allow = "GET, POST"}, "Allow") == "GET, POST");
    CHECK(field({.code = error_code::rate_limited, .retry_after = 2s}, "Retry-After") == "2");
    CHECK(field({.code = error_code::region_unavailable}, "Retry-After") == "5");
    CHECK(field({.code = error_code::unavailable}, "Retry-After") == "5");
    CHECK(field({.code = error_code::forbidden}, "Retry-After") == "none");
    CHECK(field({.code = error_code::forbidden}, "WWW-Authenticate") == "none");
}
