// What POST /api/v1/credentials/ice is asked for: the compatibility tier's fields, checked.
//
// Lenient where the client SDKs need it: unknown fields are ignored, of two equal ones the last counts, null
// and the empty string mean absent, ttl may be digits in a string, preffered_region is an alias.
#pragma once

#include "api/http/body.hpp"
#include "api/http/error.hpp"
#include "common/net/address.hpp"
#include "common/net/result.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace turnix::api {

struct ice_request {
    std::string room;
    std::string initiator_client;
    std::string receiver_client;
    std::string fixed_region;
    std::string preferred_region;
    std::optional<std::chrono::seconds> ttl;
    std::optional<net::address> client;  ///< X-TURN-CLIENT-IP
};

/// Takes the request and its body. Errors: field_invalid with the field's name. `ttl_max` is the project's.
[[nodiscard]] result<ice_request, http::error> read_ice_request(const http::request& from,
                                                                const http::body_fields& body,
                                                                std::chrono::seconds ttl_max);

}  // namespace turnix::api
