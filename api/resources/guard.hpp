// Who makes a request, and whether they may: token, scope, project, rate.
//
// Thread of the server's io_context.
#pragma once

#include "api/auth/token_directory.hpp"
#include "api/http/error.hpp"
#include "api/http/message.hpp"
#include "api/http/rate_limiter.hpp"
#include "api/model/token.hpp"
#include "common/clock/instant.hpp"
#include "common/net/result.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>

namespace turnix::api {

class guard {
  public:
    struct parts {
        auth::token_directory& tokens;
        /// Who asks over the control socket is the operator of the operated organisation, with every scope.
        const auth::tenant_directory& tenants;
    };
    /// The directories outlive the guard.
    guard(const parts& from, http::request_rate per_token);

    /// So often may a token ask from here on, and a project, the one that X-Project names if so, a multiple
    /// of it.
    void change(http::request_rate per_token) noexcept;

    /// The caller. Errors: unauthorized, rate_limited (for who sends wrong tokens too, never for a source's
    /// right ones), unavailable (no organisation is known yet).
    [[nodiscard]] result<model::principal, http::error> identify(const http::request& asked, instant now);
    /// Nothing when the caller may; it has the project that X-Project names then, if it does. Errors:
    /// forbidden (the scope is missing), not_found (another organisation's project).
    [[nodiscard]] std::optional<http::error> refusal(model::principal& caller, const http::request& asked,
                                                     std::optional<model::scope> needed) const;

    /// May the caller of a request that is still being answered go on? Not when its token was revoked or
    /// rotated away, has expired or has other scopes now, nor when its project is gone.
    [[nodiscard]] bool still_admits(const http::request& asked, const model::principal& as,
                                    wall_time now) const;

  private:
    [[nodiscard]] result<model::principal, http::error> operator_principal() const;
    /// What somebody is told whose token is not good.
    [[nodiscard]] http::error refusal_of(auth::auth_error why, const http::request& asked,
                                         monotonic_time now);
    [[nodiscard]] std::optional<http::error> charge(const token_id& token, const project_id& project,
                                                    monotonic_time now);
    /// The one that X-Project names; null without that header, and when the caller may not enter it.
    [[nodiscard]] std::shared_ptr<const model::project> named_project(const model::principal& caller,
                                                                      const http::request& asked) const;

    parts parts_;
    http::rate_limiter token_rates_;
    http::rate_limiter project_rates_;
    http::rate_limiter failures_;             ///< by source
    std::array<std::byte, 32> failures_key_;  ///< nobody chooses to collide with somebody
};

}  // namespace turnix::api
