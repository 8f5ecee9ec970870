#include "api/http/error.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <stdexcept>

namespace turnix::http {

namespace {

struct code_entry {
    std::string_view text;
    std::uint16_t status;
};

/// In the order of error_code.
constexpr std::array<code_entry, 16> codes{{
    {"malformed", 400},
    {"unauthorized", 401},
    {"forbidden", 403},
    {"not_found", 404},
    {"method_not_allowed", 405},
    {"request_timeout", 408},
    {"conflict", 409},
    {"payload_too_large", 413},
    {"unsupported_media_type", 415},
    {"field_invalid", 422},
    {"unknown_region", 422},
    {"rate_limited", 429},
    {"header_too_large", 431},
    {"internal", 500},
    {"unavailable", 503},
    {"region_unavailable", 503},
}};
static_assert(codes.size() == static_cast<std::size_t>(error_code::region_unavailable) + 1);

constexpr std::chrono::seconds retry_after_default{5};

const code_entry& entry_of(error_code value) noexcept { return codes.at(static_cast<std::size_t>(value)); }

}  // namespace

std::string_view to_string(error_code value) noexcept { return entry_of(value).text; }

std::uint16_t status_of(error_code value) noexcept { return entry_of(value).status; }

void throw_exception_from_error(const error& what, const boost::source_location& /*where*/) {
    throw std::runtime_error{std::string{to_string(what.code)} + ": " + what.message};
}

error short_of_memory() {
    return {.code = error_code::unavailable, .message = "The server is short of memory at present."};
}

response to_response(const error& what, std::string_view request_id) {
    boost::json::object detail{{"code", to_string(what.code)}, {"message", what.message}};
    if (!what.param.empty()) detail["param"] = what.param;
    detail["request_id"] = request_id;

    const auto status = status_of(what.code);
    auto answer =
        json_response(status, boost::json::serialize(boost::json::object{{"error", std::move(detail)}}));
    if (status == 401) answer.headers.add("WWW-Authenticate", "Bearer");
    if (status == 405) answer.headers.add("Allow", what.allow);
    if (status == 429 || status == 503) {
        const auto wait = what.retry_after.value_or(retry_after_default);
        answer.headers.add("Retry-After", std::to_string(wait.count()));
    }
    return answer;
}

}  // namespace turnix::http
