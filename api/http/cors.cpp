#include "api/http/cors.hpp"

#include <algorithm>

namespace turnix::http {

std::optional<response> cors_policy::preflight(const request& asked) const {
    const bool is_preflight =
        asked.method == method::options && asked.headers.find("Access-Control-Request-Method") != nullptr;
    if (!is_preflight || allowed_origin(asked) == nullptr) return std::nullopt;
    return response{.status = 204,
                    .headers = {{"Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE"},
                                {"Access-Control-Allow-Headers",
                                 "Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Project, "
                                 "X-TURN-CLIENT-IP"},
                                {"Access-Control-Max-Age", "600"}},
                    .body = {}};
}

void cors_policy::allow(const request& asked, response& answer) const {
    if (origins_.empty()) return;
    answer.headers.add("Vary", "Origin");
    const auto* const origin = allowed_origin(asked);
    if (origin == nullptr) return;
    answer.headers.add("Access-Control-Allow-Origin", *origin);
    answer.headers.add("Access-Control-Expose-Headers",
                       "ETag, Idempotent-Replayed, Location, Retry-After, X-Request-Id");
}

const std::string* cors_policy::allowed_origin(const request& asked) const {
    const auto* const origin = asked.headers.find("Origin");
    if (origin == nullptr) return nullptr;
    const bool is_allowed = std::ranges::any_of(
        origins_, [origin](const std::string& listed) { return listed == "*" || listed == *origin; });
    return is_allowed ? origin : nullptr;
}

}  // namespace turnix::http
