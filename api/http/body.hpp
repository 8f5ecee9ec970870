// Request bodies as fields: JSON objects and HTML forms become one shape, so that a handler reads either.
//
// Limits: 16 KiB (the server's), JSON depth 16. Members keep their order and duplicates, because the two
// tiers of the API treat duplicates differently.
#pragma once

#include "api/http/error.hpp"
#include "api/http/message.hpp"
#include "common/net/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace turnix::http {

inline constexpr std::size_t json_depth_max = 16;

struct body_member;

/// A JSON value. Form fields are strings. Numbers that are whole are std::int64_t when they fit.
struct body_value {
    using array = std::vector<body_value>;
    using object = std::vector<body_member>;

    std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, array, object> value;
};

struct body_member {
    std::string name;
    body_value value;
};

using body_fields = body_value::object;

/// What the request's body says, by its Content-Type; no fields for an empty body, whatever its type.
/// Errors: malformed (400), unsupported_media_type (415).
[[nodiscard]] result<body_fields, error> read_body(const request& from);

/// One JSON object (RFC 8259). Errors: malformed.
[[nodiscard]] result<body_fields, error> read_json(std::string_view text);
/// application/x-www-form-urlencoded. Errors: malformed, for a broken percent escape and what is no UTF-8.
[[nodiscard]] result<std::vector<named_value>, error> read_form(std::string_view text);

/// The last member of that name, as JSON.parse has it; null when there is none.
[[nodiscard]] const body_value* find_last(const body_fields& in, std::string_view name) noexcept;

}  // namespace turnix::http
