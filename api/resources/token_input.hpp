// What POST /api/v1/tokens is asked for, and which page of the list GET wants: the extension tier's strict
// reading, where unknown and repeated fields are errors.
#pragma once

#include "api/http/error.hpp"
#include "api/http/message.hpp"
#include "api/model/scope.hpp"
#include "common/clock/instant.hpp"
#include "common/credential/identifiers.hpp"
#include "common/net/result.hpp"

#include <optional>
#include <string>

namespace turnix::api {

struct token_input {
    std::string name;
    model::scope_set scopes;
    bool organisation_wide{false};  ///< "reach": "organisation"
    std::optional<wall_time> expires_at;
};

/// Errors: malformed, unsupported_media_type, field_invalid.
[[nodiscard]] result<token_input, http::error> read_token_input(const http::request& from, wall_time now);

struct page_request {
    std::size_t limit{50};          ///< 1 to 100
    std::optional<token_id> after;  ///< the last item of the page before
};

/// From ?limit= and ?cursor=. Errors: field_invalid.
[[nodiscard]] result<page_request, http::error> read_page_request(const http::request& from);

}  // namespace turnix::api
