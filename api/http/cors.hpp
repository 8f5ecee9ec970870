// Cross-origin use of the API (WHATWG Fetch, "CORS protocol"): off unless origins are configured.
#pragma once

#include "api/http/message.hpp"

#include <optional>
#include <string>
#include <vector>

namespace turnix::http {

class cors_policy {
  public:
    /// "https://app.example", or "*" for every origin.
    explicit cors_policy(std::vector<std::string> origins) noexcept : origins_{std::move(origins)} {}

    /// The answer to a preflight from an allowed origin; nothing for any other request.
    [[nodiscard]] std::optional<response> preflight(const request& asked) const;
    /// Lets the page read the answer when its origin is allowed.
    void allow(const request& asked, response& answer) const;

  private:
    /// The request's origin when it is allowed, otherwise null.
    [[nodiscard]] const std::string* allowed_origin(const request& asked) const;

    std::vector<std::string> origins_;
};

}  // namespace turnix::http
