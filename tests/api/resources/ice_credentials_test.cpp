#include "tests/api/resources/node_under_test.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>

using namespace std::chrono_literals;
using namespace turnix;
using namespace turnix::api;
namespace json = boost::json;

namespace {

std::string fixture(const std::string& name) {
    std::ifstream stream{TURNIX_SOURCE_DIRECTORY "/tests/api/fixtures/" + name, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

bool is_ice_url(std::string_view text) {
    if (text.starts_with("stun:")) return text.find('?') == std::string_view::npos;
    return (text.starts_with("turn:") || text.starts_with("turns:")) &&
           (text.ends_with("?transport=udp") || text.ends_with("?transport=tcp"));
}

/// "2026-01-06T15:14:22.277Z"
bool is_date_time(std::string_view text) {
    return std::ranges::equal(text, std::string_view{"0000-00-00T00:00:00.000Z"}, [](char given, char form) {
        return form == '0' ? given >= '0' && given <= '9' : given == form;
    });
}

/// What the Dart SDK does with an answer, and the JavaScript SDK less strictly: any deviation throws.
void read_as_sdk(const http::response& answer) {
    if (answer.status != 200) throw std::runtime_error{"status is not exactly 200: " + answer.body};
    const auto body = json::parse(answer.body);
    for (const auto& server : body.at("iceServers").as_array()) {
        const auto& urls = server.at("urls").as_array();
        if (urls.empty()) throw std::runtime_error{"a server without URLs"};
        for (const auto& url : urls) {
            if (!is_ice_url(url.as_string())) throw std::runtime_error{"a browser refuses this URL"};
        }
        const bool is_stun = urls.front().as_string().starts_with("stun:");
        const bool has_login =
            server.as_object().contains("username") && server.as_object().contains("credential");
        if (is_stun == has_login) throw std::runtime_error{"credentials belong to TURN, and to TURN only"};
    }
    if (!is_date_time(body.at("expiresAt").as_string())) {
        throw std::runtime_error{"DateTime.parse would throw"};
    }
}

json::value issued(node_under_test& node, const std::string& body) { return body_of(node.issue(body)); }

}  // namespace

TEST_CASE("the request of each SDK, byte for byte, is answered as it needs it", "[api][ice]") {
    node_under_test node;
    const auto* const file = GENERATE("javascript_sdk.http", "dart_sdk.http");
    const auto answer = node.ask_bytes(fixture(file));
    REQUIRE_NOTHROW(read_as_sdk(answer));
    const auto body = body_of(answer);
    CHECK(body.at("ttl") == 60);
    CHECK(body.at("expiresAt") == "2026-01-06T15:15:22.277Z");

    credential::credential_sealer opener{node.keys, "turnix"};
    const auto& login = body.at("iceServers").as_array().back();
    const auto opened = opener.open(std::string{login.at("username").as_string()}, node.now.wall);
    REQUIRE(opened.has_value());
    CHECK(opened->password == login.at("credential").as_string());
    CHECK(opened->claims.room == "stand-up_1");
    CHECK(opened->claims.initiator_client == "ann");
    CHECK(opened->claims.receiver_client == "bob");
    CHECK(opened->claims.project == node.first.project);
    CHECK(opened->claims.token == node.first.token);
    CHECK(opened->claims.region == "here");
    CHECK(opened->claims.expires_at >= node.now.wall + std::chrono::seconds{60});
    CHECK(opened->claims.expires_at < node.now.wall + std::chrono::seconds{61});
    CHECK(opened->claims.sessions_end_at == opened->claims.expires_at + std::chrono::hours{24});
}

TEST_CASE("the answer is exactly what the contract says", "[api][ice]") {
    node_under_test node;
    const auto body = issued(node, R"({"room":"r"})");
    CHECK(json::serialize(body.at("iceServers").as_array().front()) == R"({"urls":["stun:here.test:3478"]})");
    CHECK(json::serialize(body.at("iceServers").as_array().back().at("urls")) ==
          R"(["turn:here.test:3478?transport=udp","turn:here.test:3478?transport=tcp",)"
          R"("turns:here.test:5349?transport=tcp"])");
    CHECK(body.at("iceServers").as_array().size() == 2);
    CHECK(body.at("ttl") == 30);
    CHECK(body.at("expiresAt") == "2026-01-06T15:14:52.277Z");
    CHECK(body.at("region") == "here");
    CHECK(body.at("credential_id").as_string().starts_with("ice_"));
}

TEST_CASE("every body that clients send is understood", "[api][ice]") {
    node_under_test node;
    const auto [type, body, ttl] = GENERATE(table<const char*, const char*, int>({
        {"application/json", "", 30},
        {"", "", 30},
        {"application/json", "{}", 30},
        {"application/json; charset=utf-8", R"({"ttl":45})", 45},
        {"application/json", R"({"ttl":"45"})", 45},
        {"application/json", R"({"ttl":1,"ttl":45})", 45},
        {"application/json", R"({"ttl":null,"room":null,"fixed_region":null})", 30},
        {"application/json", R"({"unknown":{"deep":[1,2]},"ttl":172800})", 172'800},
        {"application/x-www-form-urlencoded", "ttl=45", 45},
        {"application/x-www-form-urlencoded;charset=UTF-8", "room=&ttl=&fixed_region=", 30},
    }));
    INFO(type << " " << body);
    const auto answer = node.ask(make_request(http::method::post, "/api/v1/credentials/ice", body, type));
    REQUIRE_NOTHROW(read_as_sdk(answer));
    CHECK(body_of(answer).at("ttl") == ttl);
}

TEST_CASE("a field that is invalid is 422 and named, a body that cannot be read 400 or 415", "[api][ice]") {
    node_under_test node;
    const std::string long_name(101, 'a');
    const auto [body, code, param] = GENERATE_COPY(table<std::string, std::string, std::string>({
        {R"({"room":")" + std::string(100, 'a') + R"("})", "200", ""},
        {R"({"room":")" + long_name + R"("})", "field_invalid", "room"},
        {R"({"initiator_client":")" + long_name + R"("})", "field_invalid", "initiator_client"},
        {R"({"receiver_client":"a b"})", "field_invalid", "receiver_client"},
        {R"({"room":"r\u00f6om"})", "field_invalid", "room"},
        {R"({"room":"../x"})", "field_invalid", "room"},
        {R"({"room":7})", "field_invalid", "room"},
        {R"({"fixed_region":["here"]})", "field_invalid", "fixed_region"},
        {R"({"ttl":0})", "field_invalid", "ttl"},
        {R"({"ttl":-1})", "field_invalid", "ttl"},
        {R"({"ttl":172801})", "field_invalid", "ttl"},
        {R"({"ttl":1.5})", "field_invalid", "ttl"},
        {R"({"ttl":"30s"})", "field_invalid", "ttl"},
        {R"({"ttl":"-5"})", "field_invalid", "ttl"},
        {R"({"ttl":"99999999999999999999"})", "field_invalid", "ttl"},
        {R"({"ttl":true})", "field_invalid", "ttl"},
        {R"({"ttl":30)", "malformed", ""},
        {"[]", "malformed", ""},
        {"ttl=60", "malformed", ""},
    }));
    INFO(body);
    const auto answer = node.issue(body);
    CHECK(error_code_of(answer) == code);
    CHECK(error_param_of(answer) == param);
    const auto odd = node.ask(make_request(http::method::post, "/api/v1/credentials/ice", "x", "text/plain"));
    CHECK(odd.status == 415);
}

TEST_CASE("the region is the fixed one or none, the preferred one or the nearest", "[api][ice]") {
    node_under_test node;
    const auto [body, outcome] = GENERATE(table<const char*, const char*>({
        {"{}", "here"},
        {R"({"fixed_region":"there"})", "there"},
        {R"({"preferred_region":"there"})", "there"},
        {R"({"preffered_region":"there"})", "there"},
        {R"({"preferred_region":"here","preffered_region":"there"})", "here"},
        {R"({"preferred_region":"away"})", "here"},
        {R"({"preferred_region":"atlantis"})", "here"},
    }));
    INFO(body);
    CHECK(issued(node, body).at("region") == outcome);
}

TEST_CASE("a fixed region that is down is 503 with Retry-After, an unknown one 422", "[api][ice]") {
    node_under_test node;
    const auto down = node.issue(R"({"fixed_region":"away","preferred_region":"there"})");
    CHECK(down.status == 503);
    CHECK(error_code_of(down) == "region_unavailable");
    CHECK(error_param_of(down) == "fixed_region");
    CHECK(down.headers.find("Retry-After") != nullptr);

    const auto unknown = node.issue(R"({"fixed_region":"atlantis"})");
    CHECK(unknown.status == 422);
    CHECK(error_code_of(unknown) == "unknown_region");

    node.relay.now.draining = true;
    CHECK(error_code_of(node.issue(R"({"fixed_region":"here"})")) == "region_unavailable");
    CHECK(issued(node, "{}").at("region") == "there");
}

TEST_CASE("the nodes of another region take turns, each with the URLs that it serves", "[api][ice]") {
    node_under_test node;
    const auto urls = [&] {
        return json::serialize(
            issued(node, R"({"fixed_region":"there"})").at("iceServers").as_array().back().at("urls"));
    };
    CHECK(urls() == R"(["turn:a.there.test:3478?transport=udp","turn:a.there.test:3478?transport=tcp",)"
                    R"("turns:a.there.test:443?transport=tcp"])");
    CHECK(urls() == R"(["turn:b.there.test:3478?transport=udp"])");
}

TEST_CASE("X-TURN-CLIENT-IP must be an address", "[api][ice]") {
    node_under_test node;
    const auto [value, status] = GENERATE(table<const char*, int>({
        {"203.0.113.7", 200},
        {"2001:db8::7", 200},
        {"", 422},
        {"203.0.113.7, 10.0.0.1", 422},
        {"localhost", 422},
    }));
    auto asked = make_request(http::method::post, "/api/v1/credentials/ice");
    asked.headers.add("X-TURN-CLIENT-IP", value);
    CHECK(node.ask(asked).status == status);
}

TEST_CASE("without a key in date nothing is issued, and the answer says nothing of it", "[api][ice]") {
    node_under_test node;
    node.now.wall += std::chrono::days{400};
    const auto answer = node.issue("{}");
    CHECK(error_code_of(answer) == "unavailable");
    CHECK(answer.body.find("key") == std::string::npos);
}

TEST_CASE("rules that are changed hold for the next credential", "[api][ice]") {
    node_under_test node{{.credentials = {.ttl_default = 30s, .ttl_max = 600s}}};
    CHECK(error_param_of(node.issue(R"({"ttl":601})")) == "ttl");
    node.api.change({.credentials = {.ttl_default = 30s, .ttl_max = 900s}});
    CHECK(node.issue(R"({"ttl":601})").status == 200);
}

TEST_CASE("what was issued under longer rules counts until it has ended", "[api][ice]") {
    const model::project project;
    current_rules rules{{.ttl_default = 30s, .ttl_max = 48h, .session_max = 24h}};
    rules.change({.ttl_default = 30s, .ttl_max = 1h, .session_max = 1h});
    CHECK(rules.get().ttl_max_of(project) == 1h);
    CHECK(rules.lifetime_max_of(project) == 72h);
    CHECK(rules.lifetime_max() == 60 * 24h);
}
