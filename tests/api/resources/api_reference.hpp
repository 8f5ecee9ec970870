// docs/api-reference.md out of api/openapi.yaml.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>

namespace turnix::api {

/// One page of Markdown: a section a tag, in it each operation with its parameters, body and answers.
std::string api_reference(const YAML::Node& document);

}  // namespace turnix::api
