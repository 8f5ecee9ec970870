#include "daemon/token_command.hpp"

#include "api/model/scope.hpp"
#include "common/config/loader.hpp"
#include "daemon/operator_api.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace turnix::daemon {
namespace {

namespace json = boost::json;

constexpr std::string_view tokens_path = "/api/v1/tokens";

/// Only the data directory counts here: a fault of the relay's settings keeps nobody from revoking a token.
data_directory directory_of(const configuration_options& options) {
    auto loaded = config::load(options.file, options.overrides);
    const auto hides_directory = [](const config::fault& found) {
        return found.key.empty() || found.key == "data.directory";
    };
    const auto found = std::ranges::find_if(loaded.faults, hides_directory);
    if (found != loaded.faults.end()) throw std::runtime_error{found->to_string()};
    return {std::move(loaded.values.data_directory)};
}

http::request request_of(http::method method, std::string path) {
    http::request request;
    request.method = method;
    request.path = std::move(path);
    return request;
}

/// The answer's body; throws std::runtime_error with the API's own message when it refuses.
std::string ask(operator_api& api, http::request request) {
    auto answer = api.ask(std::move(request));
    constexpr std::uint16_t first_error_status = 400;
    if (answer.status < first_error_status) return std::move(answer.body);
    boost::system::error_code not_json;
    const auto body = json::parse(answer.body, not_json);
    const auto* const message = not_json ? nullptr : body.find_pointer("/error/message", not_json);
    throw std::runtime_error{message != nullptr && message->is_string()
                                 ? std::string{message->as_string()}
                                 : fmt::format("the API answers with status {}", answer.status)};
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

/// Every page of the list.
json::array all_tokens(operator_api& api) {
    json::array items;
    std::optional<std::string> cursor{std::in_place};
    while (cursor) {
        auto request = request_of(http::method::get, std::string{tokens_path});
        if (!cursor->empty()) request.query.push_back({"cursor", *cursor});
        const auto page = json::parse(ask(api, std::move(request)));
        for (const auto& item : page.at("items").as_array()) items.push_back(item);
        const auto& next = page.at("next_cursor");
        cursor = next.is_null() ? std::nullopt : std::optional{std::string{next.as_string()}};
    }
    return items;
}

std::string_view text_of(const json::value& token, std::string_view member) {
    const auto& value = token.at(member);
    return value.is_string() ? std::string_view{value.as_string()} : std::string_view{"-"};
}

void print_token(const json::value& token) {
    const bool is_revoked = !token.at("revoked_at").is_null();
    std::cout << fmt::format("{}  {:<8}  {:<16}  created {}  last used {}  {}\n", text_of(token, "id"),
                             is_revoked ? "revoked" : "valid", text_of(token, "project"),
                             text_of(token, "created_at"), text_of(token, "last_used_at"),
                             text_of(token, "name"));
}

}  // namespace

exit_code run_token_create(const token_options& options) {
    operator_api api{directory_of(options.configuration)};
    auto request = request_of(http::method::post, std::string{tokens_path});
    request.body = creation_body(options);
    request.headers.add("Content-Type", "application/json");
    if (!options.project.empty()) request.headers.add("X-Project", options.project);
    const auto body = ask(api, std::move(request));
    if (options.json) {
        std::cout << body << '\n';
        return exit_code::success;
    }
    const auto token = json::parse(body);
    std::cout << fmt::format("Token {}, shown this once:\n  {}\n", text_of(token, "id"),
                             text_of(token, "token"));
    return exit_code::success;
}

exit_code run_token_list(const token_options& options) {
    operator_api api{directory_of(options.configuration)};
    auto tokens = all_tokens(api);
    if (options.json) {
        std::cout << json::serialize(json::object{{"items", std::move(tokens)}}) << '\n';
        return exit_code::success;
    }
    for (const auto& token : tokens) print_token(token);
    return exit_code::success;
}

exit_code run_token_revoke(const token_options& options) {
    operator_api api{directory_of(options.configuration)};
    ask(api, request_of(http::method::delete_, fmt::format("{}/{}", tokens_path, options.id)));
    if (options.json) {
        std::cout << json::serialize(json::object{{"id", options.id}, {"revoked", true}}) << '\n';
    } else {
        std::cout << fmt::format("Token {} is revoked\n", options.id);
    }
    return exit_code::success;
}

}  // namespace turnix::daemon
