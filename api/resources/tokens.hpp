// /api/v1/tokens: list, create, revoke. The secret is in the answer to POST and nowhere else.
//
// Creating and revoking wait for the store's commit, on the thread of the server's io_context.
#pragma once

#include "api/auth/token_directory.hpp"
#include "api/http/router.hpp"
#include "api/resources/guard.hpp"

#include <boost/json/object.hpp>

namespace turnix::api {

/// Both references outlive the object.
class tokens {
  public:
    tokens(guard& admission, auth::token_directory& directory)
        : admission_{admission}, directory_{directory} {}

    [[nodiscard]] http::response list(const http::request& asked, const http::context& with);
    [[nodiscard]] http::response create(const http::request& asked, const http::context& with);
    [[nodiscard]] http::response revoke(const http::request& asked, const http::context& with);

  private:
    [[nodiscard]] boost::json::object to_json(const model::token& from) const;

    guard& admission_;
    auth::token_directory& directory_;
};

}  // namespace turnix::api
