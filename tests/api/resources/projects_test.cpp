#include "tests/api/resources/node_under_test.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::api;
using http::method;

namespace {

http::response create(node_under_test& node, const std::string& body) {
    return node.ask(make_request(method::post, "/api/v1/projects", body));
}

http::response change(node_under_test& node, const std::string& settings) {
    return node.ask(
        make_request(method::patch, "/api/v1/projects/default", R"({"settings":)" + settings + "}"));
}

}  // namespace

TEST_CASE("a project has what it was made and changed to, after a restart too", "[api][projects]") {
    node_under_test node;
    const auto made = create(node, R"({"slug":"calls","settings":{"max_ttl_s":600,"peer_scope":"relays",
        "quotas":{"max_allocations":10},"links":{"room":"https://app.example/rooms/{room}"}}})");
    REQUIRE(made.status == 201);
    CHECK(*made.headers.find("Location") == "/api/v1/projects/calls");
    const auto changed = node.ask(make_request(method::patch, "/api/v1/projects/calls",
                                               R"({"settings":{"max_ttl_s":null,"retention_days":30,
        "quotas":{"max_bytes_per_day":1000,"max_packets_per_second":5000},
        "limits":{"max_bitrate_bps":64000,"max_packets_per_second":60},"on_expiry":"disconnect"}})"));
    REQUIRE(changed.status == 200);
    const auto settings = body_of(changed).at("settings");
    CHECK(settings.at("max_ttl_s").is_null());
    CHECK(settings.at("peer_scope") == "relays");
    CHECK(settings.at("on_expiry") == "disconnect");
    CHECK(settings.at("quotas").at("max_allocations") == 10);
    CHECK(settings.at("quotas").at("max_bytes_per_day") == 1000);
    CHECK(settings.at("quotas").at("max_packets_per_second") == 5'000);
    CHECK(settings.at("limits").at("max_packets_per_second") == 60);
    CHECK(settings.at("links").at("room") == "https://app.example/rooms/{room}");

    const auth::tenant_directory after_restart{node.records};
    const auto again = after_restart.find_project(node.first.organisation, "calls");
    REQUIRE(again);
    CHECK(again->settings == node.tenants.find_project(node.first.organisation, "calls")->settings);
    CHECK(again->settings.limits.bitrate_bps == 64'000);
    CHECK(again->settings.limits.packets_per_second == 60);
}

TEST_CASE("settings are read strictly", "[api][projects]") {
    node_under_test node;
    const auto [settings, param] = GENERATE(table<const char*, const char*>({
        {R"({"ttl":30})", "settings.ttl"},
        {R"({"max_ttl_s":0})", "settings.max_ttl_s"},
        {R"({"max_ttl_s":"60"})", "settings.max_ttl_s"},
        {R"({"max_ttl_s":2592001})", "settings.max_ttl_s"},
        {R"({"max_ttl_s":60,"max_ttl_s":61})", "settings.max_ttl_s"},
        {R"({"max_ttl_s":60,"default_ttl_s":61})", "settings.default_ttl_s"},
        {R"({"quotas":{"max_allocations":-1}})", "settings.quotas.max_allocations"},
        {R"({"quotas":{"max_rooms":1}})", "settings.quotas.max_rooms"},
        {R"({"quotas":7})", "settings.quotas"},
        {R"({"limits":{"max_allocations":65536}})", "settings.limits.max_allocations"},
        {R"({"limits":{"max_packets_per_second":9}})", "settings.limits.max_packets_per_second"},
        {R"({"quotas":{"max_packets_per_second":1000000001}})", "settings.quotas.max_packets_per_second"},
        {R"({"peer_scope":"all"})", "settings.peer_scope"},
        {R"({"links":{"room":"http://app.example/{room}"}})", "settings.links.room"},
        {R"({"links":{"room":"https://app.example/{name}"}})", "settings.links.room"},
        {R"({"links":{"room":"https://{room}.example/"}})", "settings.links.room"},
        {R"({"links":{"room":"https://app@evil.example/"}})", "settings.links.room"},
        {R"~({"links":{"room":"javascript:alert(1)"}})~", "settings.links.room"},
    }));
    INFO(settings);
    const auto answer = change(node, settings);
    CHECK(error_code_of(answer) == "field_invalid");
    CHECK(error_param_of(answer) == param);
    CHECK(node.tenants.find_project(node.first.project)->settings == model::project_settings{});
}

TEST_CASE("a project's settings hold for the next credential", "[api][projects]") {
    node_under_test node;
    REQUIRE(change(node, R"({"default_ttl_s":45,"max_ttl_s":50})").status == 200);
    CHECK(body_of(node.issue("{}")).at("ttl") == 45);
    CHECK(error_param_of(node.issue(R"({"ttl":51})")) == "ttl");
    REQUIRE(change(node, R"({"default_ttl_s":null,"max_ttl_s":20})").status == 200);
    CHECK(body_of(node.issue("{}")).at("ttl") == 20);
}

TEST_CASE("a slug is taken once in its organisation", "[api][projects]") {
    node_under_test node;
    CHECK(error_code_of(create(node, R"({"slug":"default"})")) == "conflict");
    CHECK(create(node, R"({"slug":"elsewhere"})").status == 201);  // another organisation has one
    CHECK(error_param_of(create(node, R"({"slug":"No"})")) == "slug");
    CHECK(error_param_of(create(node, "{}")) == "slug");
}

TEST_CASE("a deleted project is gone with its tokens, the default one stays", "[api][projects]") {
    node_under_test node;
    REQUIRE(create(node, R"({"slug":"calls"})").status == 201);
    auto asked = make_request(method::post, "/api/v1/tokens", R"({"name":"a","scopes":["ice:issue"]})");
    asked.headers.add("X-Project", "calls");
    const std::string secret{body_of(node.ask(asked)).at("token").as_string()};
    CHECK(error_code_of(node.ask(make_request(method::delete_, "/api/v1/projects/default"))) == "conflict");
    CHECK(node.ask(make_request(method::delete_, "/api/v1/projects/calls")).status == 204);
    auto use = make_request(method::post, "/api/v1/credentials/ice");
    use.headers.add("Authorization", "Bearer " + secret);
    CHECK(node.ask(use).status == 401);
    CHECK(error_code_of(node.ask(make_request(method::get, "/api/v1/projects/calls"))) == "not_found");
    CHECK(create(node, R"({"slug":"calls"})").status == 201);
}

TEST_CASE("a deleted project's credentials begin nothing and their sessions end", "[api][projects]") {
    node_under_test node;
    REQUIRE(
        create(node, R"({"slug":"calls","settings":{"max_ttl_s":2592000,"max_session_s":2592000}})").status ==
        201);
    credential::claims issued;
    issued.project = node.tenants.find_project(node.first.organisation, "calls")->id;
    issued.issued_at = std::chrono::floor<std::chrono::seconds>(node.now.wall);
    REQUIRE(node.ask(make_request(method::patch, "/api/v1/projects/calls",
                                  R"({"settings":{"max_ttl_s":60,"max_session_s":60}})"))
                .status == 200);
    REQUIRE(node.ask(make_request(method::delete_, "/api/v1/projects/calls")).status == 204);
    const auto lives_until = node.now.wall + std::chrono::days{60};
    node.overrides.expire(lives_until);
    REQUIRE(node.relay.overrides != nullptr);
    CHECK(node.relay.overrides->standing_of(issued).is_revoked);
    CHECK(node.relay.overrides->standing_of(issued).ends_sessions);
    node.overrides.expire(lives_until + std::chrono::minutes{2});
    CHECK(node.relay.overrides->size() == 0);
}

TEST_CASE("a project's token sees and changes its own project only", "[api][projects]") {
    node_under_test node;
    REQUIRE(create(node, R"({"slug":"calls"})").status == 201);
    const auto narrow = node.create_token(R"({"name":"n","scopes":["projects:admin"]})");
    const auto [method, path, body, status] = GENERATE(table<http::method, const char*, const char*, int>({
        {method::get, "/api/v1/projects/default", "", 200},
        {method::patch, "/api/v1/projects/default", R"({"settings":{"max_ttl_s":60}})", 200},
        {method::get, "/api/v1/projects/calls", "", 404},
        {method::patch, "/api/v1/projects/calls", "{}", 404},
        {method::post, "/api/v1/projects", R"({"slug":"x"})", 403},
        {method::delete_, "/api/v1/projects/default", "", 403},
        {method::get, "/api/v1/organisation", "", 403},
        {method::patch, "/api/v1/organisation", R"({"name":"x"})", 403},
    }));
    INFO(path);
    const auto with_narrow = [&](http::request asked) {
        asked.headers.add("Authorization", "Bearer " + narrow);
        return node.ask(asked);
    };
    CHECK(with_narrow(make_request(method, path, body)).status == status);
    CHECK(body_of(with_narrow(make_request(method::get, "/api/v1/projects"))).at("items").as_array().size() ==
          1);
}

TEST_CASE("the organisation takes a new name and another default project", "[api][projects]") {
    node_under_test node;
    REQUIRE(create(node, R"({"slug":"calls"})").status == 201);
    const auto answer = node.ask(
        make_request(method::patch, "/api/v1/organisation", R"({"name":"Acme","default_project":"calls"})"));
    REQUIRE(answer.status == 200);
    CHECK(body_of(answer).at("name") == "Acme");
    CHECK(body_of(answer).at("default_project") == "calls");
    CHECK(error_param_of(node.ask(make_request(method::patch, "/api/v1/organisation",
                                               R"({"default_project":"elsewhere"})"))) == "default_project");
    const auth::tenant_directory after_restart{node.records};
    CHECK(after_restart.find_organisation(node.first.organisation)->name == "Acme");
}
