// From an answer or a request to the bytes on the wire (RFC 9112 §3 and §4).
#pragma once

#include "api/http/message.hpp"
#include "common/clock/instant.hpp"

#include <string>
#include <string_view>

namespace turnix::http {

struct write_options {
    wall_time now;  ///< for the Date field
    bool keep_alive{true};
    bool head_only{false};  ///< the answer to HEAD: everything but the body
};

/// Adds Date, Content-Length and Connection. A field whose value holds a line break is left out, and so is
/// the lasting body.
[[nodiscard]] std::string to_wire(const response& answer, const write_options& options);
/// Adds Host, and Content-Length where there is a body.
[[nodiscard]] std::string to_wire(const request& asked, std::string_view host);

}  // namespace turnix::http
