// /api/v1/tokens: list, read, create, change, rotate, revoke; /api/v1/token: the one that asks. A secret is
// in the answer to POST and nowhere else.
#pragma once

#include "api/auth/token_directory.hpp"
#include "api/resources/endpoint.hpp"

#include <boost/json/object.hpp>

#include <vector>

namespace turnix::api {

class tokens {
  public:
    /// Both outlive the object.
    tokens(auth::token_directory& directory, auth::tenant_directory& tenants)
        : directory_{directory}, tenants_{tenants} {}

    /// The object outlives them.
    [[nodiscard]] std::vector<endpoint> endpoints();

  private:
    [[nodiscard]] outcome list(const call& asked) const;
    [[nodiscard]] outcome read(const call& asked) const;
    [[nodiscard]] outcome read_own(const call& asked) const;
    [[nodiscard]] outcome create(const call& asked);
    [[nodiscard]] outcome change(const call& asked);
    [[nodiscard]] outcome rotate(const call& asked);
    [[nodiscard]] outcome revoke(const call& asked);

    /// The token that the path names, when the caller's covers it. Errors: not_found.
    [[nodiscard]] result<model::token, http::error> named_token(const call& asked) const;
    /// The same for handing out its power: it is in force and has no scope that the caller lacks. Errors:
    /// forbidden, conflict too.
    [[nodiscard]] result<model::token, http::error> token_to_change(const call& asked) const;
    [[nodiscard]] boost::json::object to_json(const model::token& from) const;
    [[nodiscard]] boost::json::object to_json(const auth::created_token& from) const;

    auth::token_directory& directory_;
    auth::tenant_directory& tenants_;
};

}  // namespace turnix::api
