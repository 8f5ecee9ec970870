// ETag and If-None-Match (RFC 9110 §8.8.3 and §13.1.2) for answers that cost less than sending them.
#pragma once

#include "api/http/message.hpp"

namespace turnix::api {

/// Gives the 200 of a GET its ETag, a digest of the body, and makes it a 304 when the client has that body.
void add_etag(const http::request& asked, http::response& made);

}  // namespace turnix::api
