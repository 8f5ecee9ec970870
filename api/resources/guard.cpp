#include "api/resources/guard.hpp"

#include "api/resources/relayed_caller.hpp"

#include <fmt/format.h>

#include <utility>

namespace turnix::api {

namespace {

using http::error;
using http::error_code;

/// A project's tokens together may make this many times the requests of one.
constexpr std::uint32_t project_rate_factor = 5;

http::request_rate project_rate(http::request_rate per_token) noexcept {
    return {.per_second = per_token.per_second * project_rate_factor,
            .burst = per_token.burst * project_rate_factor};
}

}  // namespace

guard::guard(const parts& from, http::request_rate per_token)
    : parts_{from}, token_rates_{per_token}, project_rates_{project_rate(per_token)} {}

void guard::change(http::request_rate per_token) noexcept {
    token_rates_.change(per_token);
    project_rates_.change(project_rate(per_token));
}

result<model::principal, error> guard::identify(const http::request& asked, instant now) {
    if (asked.origin == http::origin::control_socket) return operator_principal();
    if (asked.origin == http::origin::fleet_node) {
        auto relayed = read_relayed_caller(asked, parts_.tenants);
        if (!relayed) {
            return error{.code = error_code::unauthorized, .message = "The node does not say who asks."};
        }
        return std::move(*relayed);
    }
    const auto* const authorization = asked.headers.find("Authorization");
    auto known = parts_.tokens.authenticate(authorization == nullptr ? "" : *authorization, now.wall);
    if (known.has_error()) {
        return error{.code = error_code::unauthorized,
                     .message = "Send a valid token: Authorization: Bearer TOKEN."};
    }
    if (auto refused = charge(*known, now.monotonic)) return std::move(*refused);
    return std::move(*known);
}

std::optional<error> guard::refusal(model::principal& caller, const http::request& asked,
                                    std::optional<model::scope> needed) const {
    if (needed && !caller.scopes.contains(*needed)) {
        return error{.code = error_code::forbidden,
                     .message = fmt::format("The token lacks the scope {}.", to_string(*needed))};
    }
    const auto* const slug = asked.headers.find("X-Project");
    return slug == nullptr ? std::nullopt : enter_project(caller, *slug);
}

bool guard::still_admits(const http::request& asked, const model::principal& as, wall_time now) const {
    if (!parts_.tenants.find_project(as.project->id)) return false;
    if (asked.origin == http::origin::control_socket) return true;
    const auto* const authorization = asked.headers.find("Authorization");
    const auto known = parts_.tokens.authenticate(authorization == nullptr ? "" : *authorization, now);
    return known && known->scopes == as.scopes;
}

result<model::principal, error> guard::operator_principal() const {
    const auto organisation = parts_.tenants.operated();
    auto project = organisation ? parts_.tenants.default_project_of(*organisation) : nullptr;
    if (!organisation || !project) {
        return error{.code = error_code::unavailable,
                     .message = "This node knows no organisation yet: it waits to hear from its fleet."};
    }
    return model::principal{.token = {},
                            .reach = {.organisation = organisation->id, .project = {}},
                            .scopes = model::scope_set::all(),
                            .project = std::move(project)};
}

std::optional<error> guard::charge(const model::principal& caller, monotonic_time now) {
    auto wait = token_rates_.charge(caller.token.bytes, now);
    if (!wait) wait = project_rates_.charge(caller.project->id.bytes, now);
    if (!wait) return std::nullopt;
    return error{.code = error_code::rate_limited,
                 .message = "There are too many requests; wait as long as Retry-After says.",
                 .retry_after = wait};
}

std::optional<error> guard::enter_project(model::principal& caller, const std::string& slug) const {
    auto named = parts_.tenants.find_project(caller.reach.organisation, slug);
    if (!named || !caller.reach.covers({.organisation = named->organisation, .project = named->id})) {
        return error{
            .code = error_code::not_found, .message = "There is no such project.", .param = "X-Project"};
    }
    caller.project = std::move(named);
    return std::nullopt;
}

}  // namespace turnix::api
