// The TLS side of a listener: versions, options, certificate and key.
#pragma once

#include "api/http/server.hpp"

#include <boost/asio/ssl/context.hpp>

namespace turnix::http {

/// TLS 1.2 and 1.3, no renegotiation. Throws std::runtime_error with the file at fault and the remedy.
boost::asio::ssl::context make_tls_context(const server_certificate& from);

}  // namespace turnix::http
