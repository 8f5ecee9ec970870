// What the bodies of POST and PATCH under /api/v1/tokens ask for, checked.
#pragma once

#include "api/auth/token_directory.hpp"
#include "api/http/error.hpp"
#include "api/http/message.hpp"
#include "api/model/scope.hpp"
#include "common/net/result.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace turnix::api {

struct token_input {
    std::string name;
    model::scope_set scopes;
    bool organisation_wide{false};  ///< "reach": "organisation"
    std::optional<wall_time> expires_at;
};

/// These have the errors malformed, unsupported_media_type, field_invalid.
[[nodiscard]] result<token_input, http::error> read_token_input(const http::request& from, wall_time now);
[[nodiscard]] result<auth::token_change, http::error> read_token_change(const http::request& from,
                                                                        wall_time now);
/// How long the old secret stays good: from none to 30 days, an hour unless given.
[[nodiscard]] result<std::chrono::seconds, http::error> read_rotation(const http::request& from);

}  // namespace turnix::api
