#include "api/resources/openapi.hpp"

#include "tests/api/resources/api_reference.hpp"
#include "tests/api/resources/node_under_test.hpp"

#include <catch2/catch.hpp>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

using namespace turnix;
using namespace turnix::api;

namespace {

YAML::Node document() { return YAML::LoadFile(TURNIX_SOURCE_DIRECTORY "/api/openapi.yaml"); }

std::string lower(std::string_view text) {
    std::string made{text};
    std::ranges::transform(made, made.begin(), [](unsigned char c) { return std::tolower(c); });
    return made;
}

/// "get /api/v1/regions"
std::set<std::string> documented_routes() {
    std::set<std::string> routes;
    for (const auto& path : document()["paths"]) {
        for (const auto& operation : path.second) {
            routes.insert(operation.first.as<std::string>() + " " + path.first.as<std::string>());
        }
    }
    return routes;
}

/// Every "$ref" in the document.
void collect_references(const YAML::Node& from, std::set<std::string>& into) {
    if (!from.IsMap() && !from.IsSequence()) return;
    for (const auto& child : from) {
        if (from.IsSequence()) {
            collect_references(child, into);
        } else if (child.first.as<std::string>() == "$ref") {
            into.insert(child.second.as<std::string>());
        } else {
            collect_references(child.second, into);
        }
    }
}

}  // namespace

TEST_CASE("the router and api/openapi.yaml know the same routes", "[api][openapi]") {
    node_under_test node;
    std::set<std::string> routed;
    for (const auto& [method, pattern] : node.api.routes()) {
        routed.insert(lower(to_string(method)) + " " + pattern);
    }
    CHECK(routed == documented_routes());
}

TEST_CASE("every reference in api/openapi.yaml leads somewhere, every component is used", "[api][openapi]") {
    const auto root = document();
    std::set<std::string> used;
    collect_references(root, used);
    std::set<std::string> defined;
    for (const auto& kind : root["components"]) {
        if (kind.first.as<std::string>() == "securitySchemes") continue;
        for (const auto& component : kind.second) {
            defined.insert("#/components/" + kind.first.as<std::string>() + "/" +
                           component.first.as<std::string>());
        }
    }
    CHECK(used == defined);
}

TEST_CASE("api/openapi.yaml lists the error codes and scopes that there are", "[api][openapi]") {
    const auto schemas = document()["components"]["schemas"];
    std::vector<std::string> codes;
    for (int code = 0; code <= static_cast<int>(http::error_code::region_unavailable); ++code) {
        codes.emplace_back(to_string(static_cast<http::error_code>(code)));
    }
    CHECK(schemas["Error"]["properties"]["error"]["properties"]["code"]["enum"]
              .as<std::vector<std::string>>() == codes);

    std::string scopes;
    for (const auto& each : schemas["Scope"]["enum"])
        scopes += (scopes.empty() ? "" : " ") + each.as<std::string>();
    CHECK(scopes == model::scope_set::all().to_string());
}

TEST_CASE("the document is served to everybody, as JSON with the same values", "[api][openapi]") {
    node_under_test node;
    const auto answer = node.api.answer(make_request(http::method::get, "/api/v1/openapi.json"), node.now);
    REQUIRE(answer.status == 200);
    const auto served = body_of(answer);
    CHECK(served.at("openapi") == "3.1.0");
    const auto& settings = served.at("components").at("schemas").at("ProjectSettings").at("properties");
    CHECK(settings.at("max_ttl_s").at("maximum") == 2'592'000);
    CHECK(settings.at("max_ttl_s").at("type") == boost::json::value({"integer", "null"}));
    CHECK(settings.at("peer_scope").at("enum") == boost::json::value({"any", "room", "relays", nullptr}));
    CHECK(served.at("paths").as_object().size() == document()["paths"].size());
}

TEST_CASE("YAML becomes JSON by its core schema", "[api][openapi]") {
    const auto [yaml, json] = GENERATE(table<const char*, const char*>({
        {"{a: 1, b: -2.5, c: true, d: null, e: }", R"({"a":1,"b":-2.5E0,"c":true,"d":null,"e":null})"},
        {R"({a: "1", b: 'true', c: "null"})", R"({"a":"1","b":"true","c":"null"})"},
        {"[1.2.3, 5f0c, 1e, ~x]", R"(["1.2.3","5f0c","1e","~x"])"},
    }));
    CHECK(json_from_yaml(yaml) == json);
}

TEST_CASE("docs/api-reference.md is what api/openapi.yaml says", "[api][openapi]") {
    const auto checked_in = std::filesystem::path{TURNIX_SOURCE_DIRECTORY} / "docs/api-reference.md";
    const auto generated = std::filesystem::temp_directory_path() / "turnix-api-reference.md";
    std::ostringstream found;
    found << std::ifstream{checked_in, std::ios::binary}.rdbuf();
    const auto page = api_reference(document());
    if (found.str() != page) {
        std::ofstream{generated, std::ios::binary} << page;
        FAIL("the page is out of date: cp " << generated.string() << " " << checked_in.string());
    }
}
