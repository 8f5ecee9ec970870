#include "api/resources/tokens.hpp"

#include "api/resources/fields.hpp"
#include "api/resources/json_text.hpp"
#include "api/resources/page.hpp"
#include "api/resources/token_input.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace turnix::api {

namespace {

namespace json = boost::json;
using http::error;
using http::error_code;
using http::method;

json::array scope_names(const model::scope_set& scopes) {
    json::array names;
    std::istringstream words{scopes.to_string()};
    for (std::string word; words >> word;) names.emplace_back(word);
    return names;
}

error no_such_token() { return {.code = error_code::not_found, .message = "There is no such token."}; }

/// Nobody gives away more than they hold.
std::optional<error> refusal_to_give(const model::scope_set& wanted, const model::principal& caller) {
    if (wanted.is_within(caller.scopes)) return std::nullopt;
    return error{.code = error_code::forbidden,
                 .message = "The token cannot give a scope that it lacks.",
                 .param = "scopes"};
}

std::optional<error> refusal_to_create(const token_input& input, const model::principal& caller) {
    if (input.organisation_wide && caller.reach.project) {
        return error{.code = error_code::forbidden,
                     .message = "A project's token cannot make one for the organisation.",
                     .param = "reach"};
    }
    return refusal_to_give(input.scopes, caller);
}

}  // namespace

std::vector<endpoint> tokens::endpoints() {
    constexpr auto scope = model::scope::tokens_admin;
    return {
        {{method::get, "/api/v1/token"}, std::nullopt, work::in_memory, handler_of(*this, &tokens::read_own)},
        {{method::get, "/api/v1/tokens"}, scope, work::in_memory, handler_of(*this, &tokens::list)},
        {{method::post, "/api/v1/tokens"}, scope, work::changes_store, handler_of(*this, &tokens::create)},
        {{method::get, "/api/v1/tokens/{id}"}, scope, work::in_memory, handler_of(*this, &tokens::read)},
        {{method::patch, "/api/v1/tokens/{id}"},
         scope,
         work::changes_store,
         handler_of(*this, &tokens::change)},
        {{method::delete_, "/api/v1/tokens/{id}"},
         scope,
         work::changes_store,
         handler_of(*this, &tokens::revoke)},
        {{method::post, "/api/v1/tokens/{id}/rotate"},
         scope,
         work::changes_store,
         handler_of(*this, &tokens::rotate)},
    };
}

outcome tokens::list(const call& asked) const {
    const auto page = read_page_request(asked.request);
    if (page.has_error()) return page.error();
    return page_of(
        directory_.list(asked.caller.reach), *page,
        [](const model::token& each) { return place::of(each.created_at, each.id); },
        [this](const model::token& each) { return to_json(each); });
}

outcome tokens::read(const call& asked) const {
    const auto token = named_token(asked);
    if (token.has_error()) return token.error();
    return object_response(200, to_json(*token));
}

outcome tokens::read_own(const call& asked) const {
    // The operator, who asks over the control socket, has none.
    const auto token = directory_.find(asked.caller.reach, asked.caller.token);
    if (!token) return no_such_token();
    return object_response(200, to_json(*token));
}

outcome tokens::create(const call& asked) {
    const auto input = read_token_input(asked.request, asked.now());
    if (input.has_error()) return input.error();
    if (auto refusal = refusal_to_create(*input, asked.caller)) return std::move(*refusal);
    auth::token_request wanted{.reach = {.organisation = asked.caller.reach.organisation, .project = {}},
                               .name = input->name,
                               .scopes = input->scopes,
                               .expires_at = input->expires_at};
    if (!input->organisation_wide) wanted.reach.project = asked.caller.project->id;
    if (!tenants_.versions().has_room()) return no_room_for_records();
    const auto created = directory_.create(wanted, asked.now());
    return created_response(to_json(created), "/api/v1/tokens/" + created.token.id.to_string());
}

outcome tokens::change(const call& asked) {
    const auto token = token_to_change(asked);
    if (token.has_error()) return token.error();
    const auto change = read_token_change(asked.request, asked.now());
    if (change.has_error()) return change.error();
    if (const auto& wanted = change->scopes) {
        if (auto refusal = refusal_to_give(*wanted, asked.caller)) return std::move(*refusal);
    }
    const auto changed = directory_.change(asked.caller.reach, token->id, *change);
    if (!changed) return no_such_token();
    return object_response(200, to_json(*changed));
}

outcome tokens::rotate(const call& asked) {
    const auto token = token_to_change(asked);
    if (token.has_error()) return token.error();
    const auto overlap = read_rotation(asked.request);
    if (overlap.has_error()) return overlap.error();
    const auto rotated = directory_.rotate(asked.caller.reach, token->id, asked.now() + *overlap);
    if (!rotated) return no_such_token();
    return object_response(200, to_json(*rotated));
}

outcome tokens::revoke(const call& asked) {
    const auto id = token_id::parse(asked.with.path_parameter("id"));
    if (!id || !directory_.revoke(asked.caller.reach, *id, asked.now())) return no_such_token();
    return http::response{.status = 204};
}

result<model::token, error> tokens::named_token(const call& asked) const {
    const auto id = token_id::parse(asked.with.path_parameter("id"));
    auto token = id ? directory_.find(asked.caller.reach, *id) : std::nullopt;
    if (!token) return no_such_token();
    return std::move(*token);
}

result<model::token, error> tokens::token_to_change(const call& asked) const {
    auto token = named_token(asked);
    if (token.has_error()) return token;
    if (auto refusal = refusal_to_give(token->scopes, asked.caller)) return std::move(*refusal);
    if (token->revoked_at) {
        return error{.code = error_code::conflict, .message = "The token is revoked, and stays so."};
    }
    return token;
}

json::object tokens::to_json(const model::token& from) const {
    const auto project = from.reach.project ? tenants_.find_project(*from.reach.project) : nullptr;
    return {{"id", from.id.to_string()},
            {"name", from.name},
            {"reach", project ? "project" : "organisation"},
            {"project", project ? json::value(project->slug) : json::value(nullptr)},
            {"scopes", scope_names(from.scopes)},
            {"created_at", to_iso_time(from.created_at)},
            {"expires_at", time_or_null(from.expires_at)},
            {"revoked_at", time_or_null(from.revoked_at)},
            {"last_used_at", time_or_null(from.last_used_at)},
            {"previous_secret_ends_at", time_or_null(from.previous_ends_at)}};
}

json::object tokens::to_json(const auth::created_token& from) const {
    auto body = to_json(from.token);
    body["token"] = from.text;
    return body;
}

}  // namespace turnix::api
