#include "api/resources/guard.hpp"

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

guard::guard(auth::token_directory& tokens, model::principal operator_principal, http::request_rate per_token)
    : tokens_{tokens},
      operator_{std::move(operator_principal)},
      token_rates_{per_token},
      project_rates_{project_rate(per_token)} {}

result<model::principal, error> guard::admit(const http::request& asked, instant now,
                                             std::optional<model::scope> needed) {
    auto caller = operator_;
    if (asked.origin == http::origin::network) {
        const auto* const authorization = asked.headers.find("Authorization");
        auto known = tokens_.authenticate(authorization == nullptr ? "" : *authorization, now.wall);
        if (known.has_error()) {
            return error{.code = error_code::unauthorized,
                         .message = "Send a valid token: Authorization: Bearer TOKEN."};
        }
        caller = std::move(*known);
        if (auto refused = charge(caller, now.monotonic)) return std::move(*refused);
    }
    if (needed && !caller.scopes.contains(*needed)) {
        return error{.code = error_code::forbidden,
                     .message = fmt::format("The token lacks the scope {}.", to_string(*needed))};
    }
    if (const auto* const slug = asked.headers.find("X-Project")) {
        if (auto refused = enter_project(caller, *slug)) return std::move(*refused);
    }
    return caller;
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
    auto named = tokens_.find_project(caller.reach.organisation, slug);
    if (!named || !caller.reach.covers({.organisation = named->organisation, .project = named->id})) {
        return error{
            .code = error_code::not_found, .message = "There is no such project.", .param = "X-Project"};
    }
    caller.project = std::move(named);
    return std::nullopt;
}

}  // namespace turnix::api
