// Every route of api/openapi.yaml × {no token, wrong scope, other project, other organisation, revoked,
// expired}: the specified status, and nothing changes.
#include "api/store/sqlite_database.hpp"
#include "tests/api/resources/node_under_test.hpp"

#include <catch2/catch.hpp>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>

using namespace turnix;
using namespace turnix::api;
using http::method;

namespace {

/// A route as the document has it; the first sentence of its description names the scope.
struct documented_route {
    http::method method;
    std::string path;
    std::string scope;  ///< empty: any valid token
    bool is_open{false};
};

std::string scope_named_in(const std::string& description) {
    const std::string mark = "Needs the scope ";
    const auto at = description.find(mark);
    if (at == std::string::npos) return {};
    const auto start = at + mark.size();
    return description.substr(start, description.find_first_of(".,; ", start) - start);
}

std::vector<documented_route> documented_routes() {
    std::vector<documented_route> routes;
    for (const auto& path : YAML::LoadFile(TURNIX_SOURCE_DIRECTORY "/api/openapi.yaml")["paths"]) {
        for (const auto& operation : path.second) {
            auto name = operation.first.as<std::string>();
            std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
            const auto described = operation.second["description"];
            const auto security = operation.second["security"];
            routes.push_back({.method = http::parse_method(name),
                              .path = path.first.as<std::string>(),
                              .scope = described ? scope_named_in(described.as<std::string>()) : "",
                              .is_open = security && security.size() == 0});
        }
    }
    return routes;
}

/// The path with each parameter filled in: an existing thing of the first organisation's default project
/// where the matrix knows one.
std::string filled_in(std::string path, const std::map<std::string, std::string>& values) {
    for (const auto& [name, value] : values) {
        const auto at = path.find(name);
        if (at != std::string::npos) path.replace(at, name.size(), value);
    }
    return path;
}

http::request request_of(const documented_route& route, const std::string& path, const std::string& token) {
    const bool has_body = route.method == method::post || route.method == method::patch;
    auto made = make_request(route.method, path, has_body ? "{}" : "");
    if (!token.empty()) made.headers.add("Authorization", "Bearer " + token);
    return made;
}

class matrix_fixture {
  public:
    matrix_fixture() {
        node.ask(make_request(method::post, "/api/v1/projects", R"({"slug":"second"})"));
        values["/tokens/{id}"] = "/tokens/" + victim.substr(4, 32);
        const auto hook = body_of(node.ask(make_request(
            method::post, "/api/v1/webhooks", R"({"url":"https://a.example","events":["session.ended"]})")));
        values["/webhooks/{id}"] = "/webhooks/" + std::string{hook.at("id").as_string()};
        values["{delivery}"] = std::string(32, '0');
        values["{project}"] = "default";
        start_call();
    }

    /// A credential and a live session of the first project.
    void start_call() {
        const auto issued = body_of(node.issue(R"({"room":"standup","initiator_client":"ann"})"));
        values["/credentials/{id}"] = "/credentials/" + std::string{issued.at("credential_id").as_string()};
        credential::claims claims;
        claims.project = node.tenants.find_project(node.first.organisation, "default")->id;
        claims.room = "standup";
        claims.initiator_client = "ann";
        contract::live_session live;
        live.id = session_id::random();
        live.claims = std::make_shared<const credential::claims>(claims);
        node.relay.sessions.push_back(live);
        values["/sessions/{id}"] = "/sessions/" + live.id.to_string();
        values["{room}"] = "standup";
        values["{client}"] = "ann";
        values["{slug}"] = "here";
    }

    /// A token of the second project with every scope.
    std::string token_of_second_project() {
        auto asked = make_request(method::post, "/api/v1/tokens", all_scopes);
        asked.headers.add("X-Project", "second");
        return std::string{body_of(node.ask(asked)).at("token").as_string()};
    }

    http::response ask(const documented_route& route, const std::string& token) {
        // Without ask(), which adds a token where there is none.
        return http::at_once(
            node.api.answer(request_of(route, filled_in(route.path, values), token), node.now));
    }

    /// What tenants can change, as text.
    std::string state() {
        std::string all = std::to_string(node.relay.sessions.size()) + ' ' +
                          std::to_string(node.relay.overrides->size()) + ' ' +
                          (node.relay.now.draining ? "draining" : "serving") + '\n';
        node.records.run([&all](auto& database) {
            auto tokens = database.query(
                "select hex(id) || name || scopes || hex(digest) || coalesce(expires_at_ms, '') ||"
                " coalesce(revoked_at_ms, '') from tokens order by id");
            while (tokens.next()) all += tokens.template get<std::string>(0) + '\n';
            auto projects = database.query("select hex(id) || slug || coalesce(ttl_max_s, '') from projects");
            while (projects.next()) all += projects.template get<std::string>(0) + '\n';
            auto rest = database.query(
                "select group_concat(name) || (select group_concat(url || events || enabled) from webhooks)"
                " || (select group_concat(hex(id) || expires_at_ms) from credentials) from organisations");
            rest.next();
            all += rest.template get<std::string>(0);
        });
        return all;
    }

    node_under_test node;
    std::string all_scopes = [] {
        std::string names;
        for (const auto& route : documented_routes()) {
            if (route.scope.empty() || names.find(route.scope) != std::string::npos) continue;
            names += (names.empty() ? "\"" : ",\"") + route.scope + '"';
        }
        return R"({"name":"all","scopes":[)" + names + "]}";
    }();
    std::string victim = node.create_token(R"({"name":"victim","scopes":["ice:issue"]})");
    std::map<std::string, std::string> values;
};

}  // namespace

TEST_CASE_METHOD(matrix_fixture, "matrix: no token, a wrong one, a revoked one, an expired one are 401",
                 "[api][matrix]") {
    const auto revoked = node.create_token(all_scopes);
    REQUIRE(node.ask(make_request(method::delete_, "/api/v1/tokens/" + revoked.substr(4, 32))).status == 204);
    auto short_lived = all_scopes;
    short_lived.insert(1, R"("expires_at":"2026-01-06T15:15:00Z",)");
    const auto expired = node.create_token(short_lived);
    node.now.wall += std::chrono::minutes{2};
    const auto before = state();
    for (const auto& route : documented_routes()) {
        if (route.is_open) continue;
        for (const auto& token : {std::string{}, std::string{"tnx_x"}, revoked, expired}) {
            INFO(to_string(route.method) << ' ' << route.path << " with '" << token << "'");
            node.now.monotonic += std::chrono::seconds{1};  // one wrong token a second is told so
            const auto answer = ask(route, token);
            CHECK(answer.status == 401);
            const auto* const challenge = answer.headers.find("WWW-Authenticate");
            REQUIRE(challenge != nullptr);
            CHECK(*challenge == "Bearer");
        }
    }
    CHECK(state() == before);
}

TEST_CASE_METHOD(matrix_fixture, "matrix: every scope but the one that a route needs is 403",
                 "[api][matrix]") {
    for (const auto& route : documented_routes()) {
        if (route.is_open || route.scope.empty()) continue;
        INFO(to_string(route.method) << ' ' << route.path);
        auto scopes = all_scopes;
        const auto at = scopes.find('"' + route.scope + '"');
        scopes.replace(at, route.scope.size() + 2,
                       scopes.find("ice:issue") < at ? R"("ice:issue")" : R"("usage:read")");
        const auto token = node.create_token(scopes);
        const auto before = state();
        CHECK(error_code_of(ask(route, token)) == "forbidden");
        CHECK(state() == before);
    }
}

TEST_CASE_METHOD(matrix_fixture, "matrix: another tenant's object is 404, and stays as it is",
                 "[api][matrix]") {
    const auto second = token_of_second_project();
    const auto before = state();
    for (const auto& route : documented_routes()) {
        if (route.path.find('{') == std::string::npos) continue;
        for (const auto& token : {second, node.other.token_text}) {
            INFO(to_string(route.method) << ' ' << route.path);
            const auto answer = ask(route, token);
            // What only the whole organisation may do is refused before it is looked for.
            CHECK((answer.status == 404 || (answer.status == 403 && token == second)));
        }
    }
    CHECK(state() == before);
}

TEST_CASE_METHOD(matrix_fixture, "matrix: X-Project of another project or organisation is 404 on every route",
                 "[api][matrix]") {
    const std::map<std::string, std::string> projects{{"elsewhere", node.first.token_text},
                                                      {"default", token_of_second_project()}};
    const auto before = state();
    for (const auto& route : documented_routes()) {
        if (route.is_open) continue;
        for (const auto& [project, token] : projects) {
            auto asked = request_of(route, filled_in(route.path, values), token);
            asked.headers.add("X-Project", project);
            INFO(to_string(route.method) << ' ' << route.path << " in " << project);
            CHECK(http::at_once(node.api.answer(asked, node.now)).status == 404);
        }
    }
    CHECK(state() == before);
}
