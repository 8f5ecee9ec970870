#include "api/resources/guard.hpp"

#include "api/resources/relayed_caller.hpp"
#include "common/crypto/digest.hpp"
#include "common/crypto/random.hpp"
#include "common/net/source.hpp"

#include <fmt/format.h>

#include <cstring>
#include <span>
#include <utility>

namespace turnix::api {

namespace {

using http::error;
using http::error_code;

constexpr std::string_view project_header = "X-Project";

/// A project's tokens together may make this many times the requests of one.
constexpr std::uint32_t project_rate_factor = 5;

/// So many wrong tokens of one source get a 401; the next ones are not looked at any less, but told to wait.
constexpr http::request_rate failures_of_source{.per_second = 1, .burst = 60};
constexpr std::size_t failing_sources_max = 16'384;

http::error told_to_wait(std::string message, std::chrono::seconds time) {
    return {.code = error_code::rate_limited, .message = std::move(message), .retry_after = time};
}

http::request_rate project_rate(http::request_rate per_token) noexcept {
    return {.per_second = per_token.per_second * project_rate_factor,
            .burst = per_token.burst * project_rate_factor};
}

}  // namespace

guard::guard(const parts& from, http::request_rate per_token)
    : parts_{from},
      token_rates_{per_token},
      project_rates_{project_rate(per_token)},
      failures_{failures_of_source, failing_sources_max},
      failures_key_{crypto::random_bytes<32>()} {}

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
    if (known.has_error()) return refusal_of(known.error(), asked, now.monotonic);
    const auto named = named_project(*known, asked);
    const auto& charged = named ? *named : *known->project;
    if (auto refused = charge(known->token, charged.id, now.monotonic)) return std::move(*refused);
    return std::move(*known);
}

std::optional<error> guard::refusal(model::principal& caller, const http::request& asked,
                                    std::optional<model::scope> needed) const {
    if (needed && !caller.scopes.contains(*needed)) {
        return error{.code = error_code::forbidden,
                     .message = fmt::format("The token lacks the scope {}.", to_string(*needed))};
    }
    if (asked.headers.find(project_header) == nullptr) return std::nullopt;
    auto named = named_project(caller, asked);
    if (!named) {
        return error{.code = error_code::not_found,
                     .message = "There is no such project.",
                     .param = std::string{project_header}};
    }
    caller.project = std::move(named);
    return std::nullopt;
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

error guard::refusal_of(auth::auth_error why, const http::request& asked, monotonic_time now) {
    if (why != auth::auth_error::missing && asked.client) {
        const auto source = net::source_of(*asked.client);
        const auto mac = crypto::hmac_sha256(failures_key_, {std::as_bytes(source.bytes())});
        http::rate_limiter::key key{};
        std::memcpy(key.data(), mac.data(), key.size());
        if (const auto wait = failures_.charge(key, now)) {
            return told_to_wait(
                "Too many wrong tokens came from your address; wait as long as Retry-After says.", *wait);
        }
    }
    return {.code = error_code::unauthorized, .message = "Send a valid token: Authorization: Bearer TOKEN."};
}

std::optional<error> guard::charge(const token_id& token, const project_id& project, monotonic_time now) {
    auto wait = token_rates_.charge(token.bytes, now);
    if (!wait) wait = project_rates_.charge(project.bytes, now);
    if (!wait) return std::nullopt;
    return told_to_wait("There are too many requests; wait as long as Retry-After says.", *wait);
}

std::shared_ptr<const model::project> guard::named_project(const model::principal& caller,
                                                           const http::request& asked) const {
    const auto* const slug = asked.headers.find(project_header);
    if (slug == nullptr) return nullptr;
    auto named = parts_.tenants.find_project(caller.reach.organisation, *slug);
    const bool may_enter =
        named && caller.reach.covers({.organisation = named->organisation, .project = named->id});
    return may_enter ? std::move(named) : nullptr;
}

}  // namespace turnix::api
