#include "api/store/sqlite_database.hpp"
#include "api/store/store_error.hpp"
#include "common/telemetry/log.hpp"
#include "tests/api/resources/node_under_test.hpp"

#include <catch2/catch.hpp>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <memory>
#include <sstream>

using namespace turnix;
using namespace turnix::api;
using http::method;

namespace {

const std::string issue_path = "/api/v1/credentials/ice";
const std::string token_body = R"({"name":"a","scopes":["ice:issue"]})";

http::request under_key(http::request asked, const std::string& key) {
    asked.headers.add("Idempotency-Key", key);
    return asked;
}

std::size_t token_count(node_under_test& node) {
    return body_of(node.ask(make_request(method::get, "/api/v1/tokens"))).at("items").as_array().size();
}

boost::json::array audit_of(node_under_test& node, const std::string& query = "") {
    return body_of(node.ask(make_request(method::get, "/api/v1/audit" + query))).at("items").as_array();
}

}  // namespace

TEST_CASE("Idempotency-Key: the same request is done once and answered alike", "[api][idempotency]") {
    node_under_test node;
    const auto [path, body] = GENERATE(table<std::string, std::string>({
        {issue_path, R"({"room":"r"})"},
        {"/api/v1/tokens", token_body},
    }));
    const auto asked = under_key(make_request(method::post, path, body), "key-1");
    const auto first = node.ask(asked);
    const auto tokens_then = token_count(node);
    const auto again = node.ask(asked);
    CHECK(again.status == first.status);
    CHECK(again.body == first.body);
    CHECK((again.headers.find("Location") == nullptr) == (first.headers.find("Location") == nullptr));
    CHECK(first.headers.find("Idempotent-Replayed") == nullptr);
    REQUIRE(again.headers.find("Idempotent-Replayed") != nullptr);
    CHECK(token_count(node) == tokens_then);
    CHECK(node.ask(under_key(make_request(method::post, path, body), "key-2")).body != first.body);
}

TEST_CASE("Idempotency-Key: another request under the same key is 409", "[api][idempotency]") {
    node_under_test node;
    REQUIRE(node.ask(under_key(make_request(method::post, "/api/v1/tokens", token_body), "k")).status == 201);
    auto other = make_request(method::post, "/api/v1/tokens", R"({"name":"b","scopes":["ice:issue"]})");
    CHECK(error_code_of(node.ask(under_key(other, "k"))) == "conflict");
    other.headers.add("Authorization", "Bearer " + node.other.token_text);
    CHECK(node.ask(under_key(other, "k")).status == 201);  // a key is its caller's own
}

TEST_CASE("Idempotency-Key: what failed may be asked again, and a day later it is a new request",
          "[api][idempotency]") {
    node_under_test node;
    CHECK(node.ask(under_key(make_request(method::post, "/api/v1/tokens", "{}"), "k")).status == 422);
    const auto asked = under_key(make_request(method::post, "/api/v1/tokens", token_body), "k");
    const auto first = node.ask(asked);
    CHECK(first.status == 201);
    node.now.wall += std::chrono::hours{24};
    CHECK(node.ask(asked).body != first.body);
}

TEST_CASE("Idempotency-Key: a request that was cut off is 409, and no secret is in the database",
          "[api][idempotency]") {
    node_under_test node;
    const auto asked = under_key(make_request(method::post, "/api/v1/tokens", token_body), "k");
    const std::string secret{body_of(node.ask(asked)).at("token").as_string()};
    node.records.run([&](auto& database) {
        auto rows = database.query("select count(*) from idempotency where instr(answer, ?) > 0", secret);
        REQUIRE(rows.next());
        CHECK(rows.template get<std::int64_t>(0) == 0);
    });
    node.records.run([](auto& database) { database.run("update idempotency set answer = null"); });
    CHECK(error_code_of(node.ask(asked)) == "conflict");
    CHECK(token_count(node) == 2);
}

TEST_CASE("Idempotency-Key has printable characters", "[api][idempotency]") {
    node_under_test node;
    const auto key = GENERATE(std::string{}, std::string{"a b"}, std::string(256, 'x'));
    CHECK(error_param_of(node.ask(under_key(make_request(method::post, issue_path), key))) ==
          "Idempotency-Key");
}

TEST_CASE("ETag: what the client has is not sent again", "[api][conventions]") {
    node_under_test node;
    const auto first = node.ask(make_request(method::get, "/api/v1/projects"));
    const auto* const tag = first.headers.find("ETag");
    REQUIRE(tag != nullptr);
    auto again = make_request(method::get, "/api/v1/projects");
    again.headers.add("If-None-Match", "\"other\", " + *tag);
    const auto unchanged = node.ask(again);
    CHECK(unchanged.status == 304);
    CHECK(unchanged.body.empty());
    CHECK(*unchanged.headers.find("ETag") == *tag);
    REQUIRE(node.ask(make_request(method::post, "/api/v1/projects", R"({"slug":"new"})")).status == 201);
    CHECK(node.ask(again).status == 200);
}

TEST_CASE("the extension tier takes JSON only, the compatibility tier forms too", "[api][conventions]") {
    node_under_test node;
    const auto* const form = "application/x-www-form-urlencoded";
    CHECK(error_code_of(node.ask(make_request(method::post, "/api/v1/tokens", "name=a", form))) ==
          "unsupported_media_type");
    CHECK(node.ask(make_request(method::post, issue_path, "ttl=60", form)).status == 200);
}

TEST_CASE("the audit log says who did what, from where, and how it ended", "[api][audit]") {
    node_under_test node;
    const auto narrow = node.create_token(token_body);
    auto refused = make_request(method::post, "/api/v1/projects", R"({"slug":"x"})");
    refused.headers.add("Authorization", "Bearer " + narrow);
    node.now.wall += std::chrono::milliseconds{1};
    REQUIRE(node.ask(refused).status == 403);
    node.now.wall += std::chrono::milliseconds{1};
    node.ask_as_operator(make_request(method::patch, "/api/v1/organisation", R"({"name":"Acme"})"));
    const auto lines = audit_of(node);
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].at("actor") == "operator");
    CHECK(lines[0].at("client").is_null());
    CHECK(lines[0].at("action") == "PATCH /api/v1/organisation");
    CHECK(lines[1].at("actor").as_string() == narrow.substr(4, 32));
    CHECK(lines[1].at("status") == 403);
    CHECK(lines[2].at("actor").as_string() == node.first.token.to_string());
    CHECK(lines[2].at("action") == "POST /api/v1/tokens");
    CHECK(lines[2].at("target").as_string() == "/api/v1/tokens/" + narrow.substr(4, 32));
    CHECK(lines[2].at("client") == "127.0.0.1");
    CHECK(lines[2].at("request_id") == "0123456789abcdef");
    CHECK(lines[2].at("status") == 201);
}

TEST_CASE("of a path the audit log keeps no more than paths have that lead somewhere", "[api][audit]") {
    node_under_test node;
    const std::string path = "/api/v1/tokens/" + std::string(8'000, 'a');
    CHECK(node.ask(make_request(method::delete_, path)).status == 404);
    const auto lines = audit_of(node);
    REQUIRE(lines.size() == 1);
    CHECK(path.starts_with(lines[0].at("target").as_string().c_str()));
    CHECK(lines[0].at("target").as_string().size() == 1'024);
}

TEST_CASE("the audit log comes in pages, newest first, to its own organisation", "[api][audit]") {
    node_under_test node;
    for (int i = 0; i < 5; ++i) node.create_token(token_body);
    const auto first = body_of(node.ask(make_request(method::get, "/api/v1/audit?limit=3")));
    const std::string cursor{first.at("next_cursor").as_string()};
    const auto rest = body_of(node.ask(make_request(method::get, "/api/v1/audit?limit=3&cursor=" + cursor)));
    CHECK(first.at("items").as_array().size() == 3);
    CHECK(rest.at("items").as_array().size() == 2);
    CHECK(rest.at("next_cursor").is_null());
    auto elsewhere = make_request(method::get, "/api/v1/audit");
    elsewhere.headers.add("Authorization", "Bearer " + node.other.token_text);
    CHECK(body_of(node.ask(elsewhere)).at("items").as_array().empty());
}

TEST_CASE("the audit log is append-only", "[api][audit]") {
    node_under_test node;
    node.create_token(token_body);
    const auto attempt = GENERATE(store::sql_literal{"delete from audit"},
                                  store::sql_literal{"update audit set status = 200"});
    CHECK_THROWS_AS(node.records.run([&](auto& database) { database.run(attempt); }), store::store_error);
    CHECK(audit_of(node).size() == 1);
}

TEST_CASE("a database that fails is told of once in a while, not once a request", "[api][log]") {
    node_under_test node;
    node.records.run([](auto& database) { database.run("drop table audit"); });
    std::ostringstream said;
    const auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(said);
    auto& sinks = telemetry::logger("api").sinks();
    sinks.push_back(sink);
    for (int i = 0; i < 50; ++i) {
        CHECK(node.ask(make_request(method::get, "/api/v1/audit")).status >= 500);
    }
    std::erase(sinks, sink);
    const auto lines = said.str();
    CHECK(std::ranges::count(lines, '\n') == 1);
    CHECK_THAT(lines, Catch::Matchers::Contains("no such table"));
}
