// A request as one node asks it of another, with the caller whom the first one has admitted.
//
//   Turnix-Organisation: ID   Turnix-Project: ID   Turnix-Scopes: sessions:read sessions:kill
//
// No token travels. The asked node takes a node's word for it (architecture: "The fleet"), and needs not know
// the project: it may relay for one that it has never heard of.
#pragma once

#include "api/auth/tenant_directory.hpp"
#include "api/http/message.hpp"
#include "api/model/token.hpp"

#include <optional>

namespace turnix::api {

[[nodiscard]] http::request relayed_request(const http::request& asked, const model::principal& caller);

/// Nothing when a field is missing or malformed, or the project belongs to another organisation here.
[[nodiscard]] std::optional<model::principal> read_relayed_caller(const http::request& from,
                                                                  const auth::tenant_directory& tenants);

}  // namespace turnix::api
