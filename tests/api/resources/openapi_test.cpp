#include "tests/api/resources/node_under_test.hpp"

#include <catch2/catch.hpp>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

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
