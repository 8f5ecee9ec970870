// The one shape of every error that the API answers with.
//
//   {"error":{"code":"region_unavailable","message":"…","param":"fixed_region","request_id":"…"}}
//
// Codes are stable: clients branch on them. Messages are for people and never carry internals.
#pragma once

#include "api/http/message.hpp"
#include "common/net/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace turnix::http {

enum class error_code : std::uint8_t {
    malformed,               ///< 400: not HTTP, not JSON, not a form
    unauthorized,            ///< 401: no token, or one that is unknown, revoked or expired
    forbidden,               ///< 403: the token lacks the scope
    not_found,               ///< 404: no such route or object, or another tenant's
    method_not_allowed,      ///< 405
    request_timeout,         ///< 408: the header or the body came too slowly
    conflict,                ///< 409
    payload_too_large,       ///< 413
    unsupported_media_type,  ///< 415
    field_invalid,           ///< 422: `param` names the field
    unknown_region,          ///< 422
    rate_limited,            ///< 429
    header_too_large,        ///< 431
    internal,                ///< 500: a fault of ours; the log has the request id
    unavailable,             ///< 503: try again later
    region_unavailable,      ///< 503: the region asked for does not work at present
};

/// "region_unavailable", ...
std::string_view to_string(error_code value) noexcept;
/// The HTTP status that belongs to the code.
std::uint16_t status_of(error_code value) noexcept;

struct error {
    error_code code{error_code::internal};
    std::string message{};
    std::string param{};                                ///< the field at fault; empty when none is
    std::optional<std::chrono::seconds> retry_after{};  ///< 429 and 503; five seconds unless set
    std::string allow{};                                ///< 405: the methods that the path takes
};

/// 503, for a request that could not be served for want of memory.
error short_of_memory();

/// What result::value() throws, in tests: std::runtime_error with code and message.
[[noreturn]] void throw_exception_from_error(const error& what, const boost::source_location& where);

/// The answer to a request that failed, with the header fields that the status requires: WWW-Authenticate
/// (RFC 6750 §3), Allow (RFC 9110 §15.5.6), Retry-After (§10.2.3).
response to_response(const error& what, std::string_view request_id);

}  // namespace turnix::http
