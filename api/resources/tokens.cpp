#include "api/resources/tokens.hpp"

#include "api/resources/iso_time.hpp"
#include "api/resources/token_input.hpp"
#include "api/store/store_error.hpp"
#include "common/telemetry/log.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <sstream>
#include <utility>

namespace turnix::api {

namespace {

namespace json = boost::json;
using http::error;
using http::error_code;

json::value time_or_null(const std::optional<wall_time>& time) {
    return time ? json::value(to_iso_time(*time)) : json::value(nullptr);
}

json::array scope_names(const model::scope_set& scopes) {
    json::array names;
    std::istringstream words{scopes.to_string()};
    for (std::string word; words >> word;) names.emplace_back(word);
    return names;
}

bool is_within(const model::scope_set& wanted, const model::scope_set& held) {
    return std::ranges::all_of(scope_names(wanted), [&held](const json::value& name) {
        return held.contains(model::scope_from(std::string_view{name.as_string()}).value());
    });
}

/// Nobody gives away more than they hold.
std::optional<error> refusal_to_create(const token_input& input, const model::principal& caller) {
    if (!is_within(input.scopes, caller.scopes)) {
        return error{.code = error_code::forbidden,
                     .message = "The token cannot give a scope that it lacks.",
                     .param = "scopes"};
    }
    if (input.organisation_wide && caller.reach.project) {
        return error{.code = error_code::forbidden,
                     .message = "A project's token cannot make one for the organisation.",
                     .param = "reach"};
    }
    return std::nullopt;
}

/// Runs what writes to the store; a database that fails is not the caller's fault, and passes.
template <class Write>
http::response write_to_store(const http::request& asked, Write write) {
    try {
        return write();
    } catch (const store::store_error& fault) {
        telemetry::logger("api.tokens").error("request {}: {}", asked.request_id, fault.what());
        return http::to_response(
            {.code = error_code::unavailable, .message = "The database cannot be written at present."},
            asked.request_id);
    }
}

}  // namespace

http::response tokens::list(const http::request& asked, const http::context& with) {
    const auto caller = admission_.admit(asked, with.now, model::scope::tokens_admin);
    if (caller.has_error()) return to_response(caller.error(), asked.request_id);
    const auto page = read_page_request(asked);
    if (page.has_error()) return to_response(page.error(), asked.request_id);

    const auto all = directory_.list(caller->reach);
    auto next = all.begin();
    if (const auto& after = page->after) {
        next = std::ranges::find(all, *after, &model::token::id);
        if (next != all.end()) ++next;
    }
    json::array items;
    for (; next != all.end() && items.size() < page->limit; ++next) items.push_back(to_json(*next));
    json::value cursor = nullptr;
    if (next != all.end()) cursor = std::prev(next)->id.to_string();
    return http::json_response(
        200, json::serialize(json::object{{"items", std::move(items)}, {"next_cursor", std::move(cursor)}}));
}

http::response tokens::create(const http::request& asked, const http::context& with) {
    const auto caller = admission_.admit(asked, with.now, model::scope::tokens_admin);
    if (caller.has_error()) return to_response(caller.error(), asked.request_id);
    const auto input = read_token_input(asked, with.now.wall);
    if (input.has_error()) return to_response(input.error(), asked.request_id);
    if (const auto refusal = refusal_to_create(*input, *caller)) {
        return to_response(*refusal, asked.request_id);
    }
    auth::token_request wanted{.reach = {.organisation = caller->reach.organisation, .project = {}},
                               .name = input->name,
                               .scopes = input->scopes,
                               .expires_at = input->expires_at};
    if (!input->organisation_wide) wanted.reach.project = caller->project->id;
    return write_to_store(asked, [&] {
        const auto created = directory_.create(wanted, with.now.wall);
        auto body = to_json(created.token);
        body["token"] = created.text;
        return http::json_response(201, json::serialize(body));
    });
}

http::response tokens::revoke(const http::request& asked, const http::context& with) {
    const auto caller = admission_.admit(asked, with.now, model::scope::tokens_admin);
    if (caller.has_error()) return to_response(caller.error(), asked.request_id);
    const auto id = token_id::parse(with.path_parameter("id"));
    return write_to_store(asked, [&] {
        if (id && directory_.revoke(caller->reach, *id, with.now.wall)) return http::response{.status = 204};
        return http::to_response({.code = error_code::not_found, .message = "There is no such token."},
                                 asked.request_id);
    });
}

json::object tokens::to_json(const model::token& from) const {
    const auto project = from.reach.project ? directory_.find_project(*from.reach.project) : nullptr;
    return {{"id", from.id.to_string()},
            {"name", from.name},
            {"reach", project ? "project" : "organisation"},
            {"project", project ? json::value(project->slug) : json::value(nullptr)},
            {"scopes", scope_names(from.scopes)},
            {"created_at", to_iso_time(from.created_at)},
            {"expires_at", time_or_null(from.expires_at)},
            {"revoked_at", time_or_null(from.revoked_at)},
            {"last_used_at", time_or_null(from.last_used_at)}};
}

}  // namespace turnix::api
