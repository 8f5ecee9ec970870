// GET /api/v1/openapi.json: the API's own description, api/openapi.yaml as JSON.
#pragma once

#include "api/http/router.hpp"

#include <string>
#include <string_view>

namespace turnix::api {

/// api/openapi.yaml, compiled in.
std::string_view openapi_yaml() noexcept;

/// The document as JSON; throws std::runtime_error when it is no YAML.
std::string json_from_yaml(std::string_view yaml);

/// Answers everybody with the document.
http::handler openapi_handler();

}  // namespace turnix::api
