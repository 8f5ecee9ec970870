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

#include <optional>

namespace turnix::api {

class guard {
  public:
    /// `tokens` outlives the guard. `operator_principal` is who asks over the control socket.
    guard(auth::token_directory& tokens, model::principal operator_principal, http::request_rate per_token);

    /// The caller, with the project that X-Project names, if it does. Errors: unauthorized, forbidden (the
    /// scope is missing), not_found (another organisation's project), rate_limited.
    [[nodiscard]] result<model::principal, http::error> admit(const http::request& asked, instant now,
                                                              std::optional<model::scope> needed);

  private:
    [[nodiscard]] std::optional<http::error> charge(const model::principal& caller, monotonic_time now);
    [[nodiscard]] std::optional<http::error> enter_project(model::principal& caller,
                                                           const std::string& slug) const;

    auth::token_directory& tokens_;
    model::principal operator_;
    http::rate_limiter token_rates_;
    http::rate_limiter project_rates_;
};

}  // namespace turnix::api
