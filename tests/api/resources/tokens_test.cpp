#include "tests/api/resources/node_under_test.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::api;
using http::method;

namespace {

http::response create(node_under_test& node, std::string body) {
    return node.ask(make_request(method::post, "/api/v1/tokens", std::move(body)));
}

boost::json::value list(node_under_test& node, const std::string& query = "") {
    return body_of(node.ask(make_request(method::get, "/api/v1/tokens" + query)));
}

}  // namespace

TEST_CASE("a token's secret is in the answer that creates it and nowhere else", "[api][tokens]") {
    node_under_test node;
    const auto answer = create(
        node,
        R"({"name":"backend","scopes":["ice:issue","usage:read"],"expires_at":"2027-01-01T00:00:00Z"})");
    REQUIRE(answer.status == 201);
    const auto body = body_of(answer);
    const std::string secret{body.at("token").as_string()};
    CHECK(secret.starts_with("tnx_" + std::string{body.at("id").as_string()} + "_"));
    CHECK(body.at("name") == "backend");
    CHECK(body.at("reach") == "project");
    CHECK(body.at("project") == "default");
    CHECK(body.at("scopes") == boost::json::value({"ice:issue", "usage:read"}));
    CHECK(body.at("created_at") == "2026-01-06T15:14:22.277Z");
    CHECK(body.at("expires_at") == "2027-01-01T00:00:00.000Z");
    CHECK(body.at("revoked_at").is_null());

    const auto listed = node.ask(make_request(method::get, "/api/v1/tokens"));
    CHECK(listed.body.find(secret.substr(37)) == std::string::npos);
    CHECK(body_of(listed).at("items").as_array().size() == 2);
    CHECK(body_of(listed).at("next_cursor").is_null());
}

TEST_CASE("a token may read itself, whatever else it may", "[api][tokens]") {
    node_under_test node;
    const auto secret = node.create_token(R"({"name":"looks","scopes":["usage:read"]})");
    auto asked = make_request(method::get, "/api/v1/token");
    asked.headers.add("Authorization", "Bearer " + secret);
    const auto answer = node.ask(asked);
    REQUIRE(answer.status == 200);
    CHECK(body_of(answer).at("name") == "looks");
    CHECK(body_of(answer).at("scopes") == boost::json::array{"usage:read"});
    CHECK(answer.body.find(secret.substr(37)) == std::string::npos);

    auto operated = make_request(method::get, "/api/v1/token");
    operated.origin = http::origin::control_socket;
    CHECK(error_code_of(node.ask(operated)) == "not_found");
}

TEST_CASE("a token of the organisation is made for the organisation only", "[api][tokens]") {
    node_under_test node;
    const auto* const wide = R"({"name":"w","scopes":["tokens:admin"],"reach":"organisation"})";
    const auto made = create(node, wide);
    REQUIRE(made.status == 201);
    CHECK(body_of(made).at("project").is_null());

    const auto narrow = node.create_token(R"({"name":"n","scopes":["tokens:admin"]})");
    auto asked = make_request(method::post, "/api/v1/tokens", wide);
    asked.headers.add("Authorization", "Bearer " + narrow);
    CHECK(error_code_of(node.ask(asked)) == "forbidden");
}

TEST_CASE("fields of a token are read strictly", "[api][tokens]") {
    node_under_test node;
    const auto [body, param] = GENERATE(table<const char*, const char*>({
        {R"({"scopes":["ice:issue"]})", "name"},
        {R"({"name":"","scopes":["ice:issue"]})", "name"},
        {R"({"name":"a\nb","scopes":["ice:issue"]})", "name"},
        {R"({"name":"a\u009b2Jb","scopes":["ice:issue"]})", "name"},
        {R"({"name":"a\u202eb","scopes":["ice:issue"]})", "name"},
        {R"({"name":7,"scopes":["ice:issue"]})", "name"},
        {R"({"name":"a"})", "scopes"},
        {R"({"name":"a","scopes":[]})", "scopes"},
        {R"({"name":"a","scopes":"ice:issue"})", "scopes"},
        {R"({"name":"a","scopes":["ice:melt"]})", "scopes"},
        {R"({"name":"a","scopes":["ice:issue"],"reach":"galaxy"})", "reach"},
        {R"({"name":"a","scopes":["ice:issue"],"expires_at":"tomorrow"})", "expires_at"},
        {R"({"name":"a","scopes":["ice:issue"],"expires_at":"2026-02-30T00:00:00Z"})", "expires_at"},
        {R"({"name":"a","scopes":["ice:issue"],"expires_at":"2020-01-01T00:00:00Z"})", "expires_at"},
        {R"({"name":"a","scopes":["ice:issue"],"colour":"red"})", "colour"},
        {R"({"name":"a","name":"b","scopes":["ice:issue"]})", "name"},
    }));
    INFO(body);
    const auto answer = create(node, body);
    CHECK(error_code_of(answer) == "field_invalid");
    CHECK(error_param_of(answer) == param);
    CHECK(list(node).at("items").as_array().size() == 1);
}

TEST_CASE("a token works until it is revoked, and revoking is at once", "[api][tokens]") {
    node_under_test node;
    node.now.wall += std::chrono::seconds{1};  // after the first token: lists are in this order
    const auto secret = node.create_token(R"({"name":"a","scopes":["ice:issue"]})");
    const auto use = [&] {
        auto asked = make_request(method::post, "/api/v1/credentials/ice");
        asked.headers.add("Authorization", "Bearer " + secret);
        return node.ask(asked).status;
    };
    CHECK(use() == 200);
    const auto revoked = node.ask(make_request(method::delete_, "/api/v1/tokens/" + secret.substr(4, 32)));
    CHECK(revoked.status == 204);
    CHECK(revoked.body.empty());
    CHECK(use() == 401);
    CHECK(list(node).at("items").as_array().back().at("revoked_at") == "2026-01-06T15:14:23.277Z");
}

TEST_CASE("a token that is unknown, or none, is 404", "[api][tokens]") {
    node_under_test node;
    const auto* const id = GENERATE("00000000000000000000000000000000", "x", "%00", "..");
    CHECK(error_code_of(node.ask(make_request(method::delete_, std::string{"/api/v1/tokens/"} + id))) ==
          "not_found");
}

TEST_CASE("lists come in pages", "[api][tokens]") {
    node_under_test node;
    for (const auto* const name : {"a", "b", "c", "d"}) {
        node.now.wall += std::chrono::seconds{1};
        node.create_token(std::string{R"({"name":")"} + name + R"(","scopes":["ice:issue"]})");
    }
    std::string names;
    std::string query = "?limit=2";
    for (int page = 0; page < 3; ++page) {
        const auto answer = list(node, query);
        for (const auto& item : answer.at("items").as_array()) names += item.at("name").as_string().c_str();
        if (answer.at("next_cursor").is_null()) break;
        query = "?limit=2&cursor=" + std::string{answer.at("next_cursor").as_string()};
    }
    CHECK(names == "first tokenabcd");

    const auto* const wrong = GENERATE("?limit=0", "?limit=101", "?limit=x", "?cursor=x", "?page=2",
                                       "?cursor=9223372036854775807-00000000000000000000000000000000");
    CHECK(error_code_of(node.ask(make_request(method::get, std::string{"/api/v1/tokens"} + wrong))) ==
          "field_invalid");
}

TEST_CASE("a page leaves out none that were made within one millisecond", "[api][tokens]") {
    node_under_test node;
    for (int i = 0; i < 20; ++i) {
        node.now.wall += std::chrono::microseconds{10};
        node.create_token(R"({"name":"a","scopes":["ice:issue"]})");
    }
    std::size_t listed{0};
    std::string query = "?limit=1";
    while (true) {
        const auto answer = list(node, query);
        listed += answer.at("items").as_array().size();
        if (answer.at("next_cursor").is_null()) break;
        query = "?limit=1&cursor=" + std::string{answer.at("next_cursor").as_string()};
    }
    CHECK(listed == 21);
}

TEST_CASE("a token is changed and rotated, with its old secret good as long as asked", "[api][tokens]") {
    node_under_test node;
    const auto secret = node.create_token(R"({"name":"a","scopes":["ice:issue"]})");
    const auto path = "/api/v1/tokens/" + secret.substr(4, 32);
    const auto use = [&](const std::string& text) {
        auto asked = make_request(method::post, "/api/v1/credentials/ice");
        asked.headers.add("Authorization", "Bearer " + text);
        return node.ask(asked).status;
    };
    const auto rotated = node.ask(make_request(method::post, path + "/rotate", R"({"overlap_seconds":60})"));
    REQUIRE(rotated.status == 200);
    CHECK(body_of(rotated).at("previous_secret_ends_at") == "2026-01-06T15:15:22.277Z");
    const std::string fresh{body_of(rotated).at("token").as_string()};
    CHECK(use(secret) == 200);
    CHECK(use(fresh) == 200);
    node.now.wall += std::chrono::seconds{60};
    CHECK(use(secret) == 401);
    CHECK(use(fresh) == 200);

    const auto changed =
        node.ask(make_request(method::patch, path, R"({"name":"b","scopes":["usage:read"]})"));
    REQUIRE(changed.status == 200);
    CHECK(body_of(changed).at("name") == "b");
    CHECK(use(fresh) == 403);
    CHECK(body_of(node.ask(make_request(method::get, path))).at("scopes") ==
          boost::json::array{"usage:read"});
}

TEST_CASE("nobody rotates or changes a token that may do more than their own", "[api][tokens]") {
    node_under_test node;
    const auto strong = node.create_token(R"({"name":"s","scopes":["ice:issue","tokens:admin"]})");
    const auto weak = node.create_token(R"({"name":"w","scopes":["tokens:admin"]})");
    const auto path = "/api/v1/tokens/" + strong.substr(4, 32);
    for (auto asked : {make_request(method::post, path + "/rotate", "{}"),
                       make_request(method::patch, path, R"({"name":"x"})"),
                       make_request(method::patch, "/api/v1/tokens/" + weak.substr(4, 32),
                                    R"({"scopes":["ice:issue"]})")}) {
        asked.headers.add("Authorization", "Bearer " + weak);
        CHECK(error_code_of(node.ask(asked)) == "forbidden");
    }
}

TEST_CASE("changes of a token are read strictly, and none is made to a revoked one", "[api][tokens]") {
    node_under_test node;
    const auto path =
        "/api/v1/tokens/" + node.create_token(R"({"name":"a","scopes":["ice:issue"]})").substr(4, 32);
    const auto [suffix, body, param] = GENERATE(table<const char*, const char*, const char*>({
        {"", R"({"reach":"organisation"})", "reach"},
        {"", R"({"scopes":null})", "scopes"},
        {"", R"({"name":null})", "name"},
        {"", R"({"expires_at":"2020-01-01T00:00:00Z"})", "expires_at"},
        {"/rotate", R"({"overlap_seconds":-1})", "overlap_seconds"},
        {"/rotate", R"({"overlap_seconds":2592001})", "overlap_seconds"},
        {"/rotate", R"({"overlap_seconds":1.5})", "overlap_seconds"},
        {"/rotate", R"({"overlap":1})", "overlap"},
    }));
    INFO(suffix << body);
    const bool is_rotation = *suffix != '\0';
    const auto asked = make_request(is_rotation ? method::post : method::patch, path + suffix, body);
    CHECK(error_param_of(node.ask(asked)) == param);
    REQUIRE(node.ask(make_request(method::delete_, path)).status == 204);
    CHECK(error_code_of(node.ask(asked)) == "conflict");
}
