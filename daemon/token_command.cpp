#include "daemon/token_command.hpp"

#include "api/model/scope.hpp"
#include "daemon/operator_api.hpp"
#include "daemon/operator_call.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

namespace turnix::daemon {
namespace {

namespace json = boost::json;

constexpr std::string_view tokens_path = "/api/v1/tokens";

/// A running daemon, or the data directory.
api_caller caller_of(operator_api& api) {
    return [&api](http::request request) { return api.ask(std::move(request)); };
}

http::request post_of(std::string path, std::string body) {
    auto request = request_of(http::method::post, std::move(path));
    request.body = std::move(body);
    request.headers.add("Content-Type", "application/json");
    return request;
}

/// Without a project the token is for the whole organisation.
std::string creation_body(const token_options& options) {
    json::array scopes;
    for (const auto& scope : options.scopes) scopes.emplace_back(scope);
    if (scopes.empty()) {
        std::istringstream all{model::scope_set::all().to_string()};
        for (std::string scope; all >> scope;) scopes.emplace_back(scope);
    }
    return json::serialize(json::object{{"name", options.name},
                                        {"scopes", std::move(scopes)},
                                        {"reach", options.project.empty() ? "organisation" : "project"}});
}

void print_token(const json::value& token) {
    const bool is_revoked = !token.at("revoked_at").is_null();
    std::cout << fmt::format("{}  {:<8}  {:<16}  created {}  last used {}  {}\n", text_of(token, "id"),
                             is_revoked ? "revoked" : "valid", text_of(token, "project"),
                             text_of(token, "created_at"), text_of(token, "last_used_at"),
                             text_of(token, "name"));
}

/// What the API says of a token with a new secret.
void print_secret(const std::string& body, const token_options& options) {
    if (options.json) {
        std::cout << body << '\n';
        return;
    }
    const auto token = json::parse(body);
    std::cout << fmt::format("Token {}, shown this once:\n  {}\n", text_of(token, "id"),
                             text_of(token, "token"));
}

}  // namespace

exit_code run_token_create(const token_options& options) {
    operator_api api{directory_of(options.configuration)};
    auto request = post_of(std::string{tokens_path}, creation_body(options));
    if (!options.project.empty()) request.headers.add("X-Project", options.project);
    print_secret(ask(caller_of(api), std::move(request)), options);
    return exit_code::success;
}

exit_code run_token_list(const token_options& options) {
    operator_api api{directory_of(options.configuration)};
    auto tokens = ask_for_all(caller_of(api), request_of(http::method::get, std::string{tokens_path}));
    if (options.json) {
        std::cout << json::serialize(json::object{{"items", std::move(tokens)}}) << '\n';
        return exit_code::success;
    }
    for (const auto& token : tokens) print_token(token);
    return exit_code::success;
}

exit_code run_token_rotate(const token_options& options) {
    operator_api api{directory_of(options.configuration)};
    auto request = post_of(fmt::format("{}/{}/rotate", tokens_path, options.id),
                           json::serialize(json::object{{"overlap_seconds", options.overlap_s}}));
    print_secret(ask(caller_of(api), std::move(request)), options);
    return exit_code::success;
}

exit_code run_token_revoke(const token_options& options) {
    operator_api api{directory_of(options.configuration)};
    ask(caller_of(api), request_of(http::method::delete_, fmt::format("{}/{}", tokens_path, options.id)));
    if (options.json) {
        std::cout << json::serialize(json::object{{"id", options.id}, {"revoked", true}}) << '\n';
    } else {
        std::cout << fmt::format("Token {} is revoked\n", options.id);
    }
    return exit_code::success;
}

}  // namespace turnix::daemon
