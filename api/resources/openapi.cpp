#include "api/resources/openapi.hpp"

#include "api/resources/etag.hpp"
#include "api/resources/number_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <yaml-cpp/yaml.h>

namespace turnix::api {

namespace {

namespace json = boost::json;

/// What is quoted is a text, whatever it looks like (YAML 1.2 §10.3, the core schema).
json::value scalar_from(const YAML::Node& node) {
    const auto& text = node.Scalar();
    if (node.Tag() == "!") return json::value(text);
    if (text == "true" || text == "false") return json::value(text == "true");
    if (text == "null") return nullptr;
    if (const auto whole = number_from<std::int64_t>(text)) return *whole;
    if (const auto real = number_from<double>(text)) return *real;
    return json::value(text);
}

/// As deep as the document, which is ours.
json::value value_from(const YAML::Node& node) {  // NOLINT(misc-no-recursion)
    if (node.IsMap()) {
        json::object members;
        for (const auto& each : node) members.emplace(each.first.Scalar(), value_from(each.second));
        return members;
    }
    if (node.IsSequence()) {
        json::array items;
        for (const auto& each : node) items.push_back(value_from(each));
        return items;
    }
    return node.IsNull() ? json::value(nullptr) : scalar_from(node);
}

}  // namespace

std::string json_from_yaml(std::string_view yaml) {
    return json::serialize(value_from(YAML::Load(std::string{yaml})));
}

http::handler openapi_handler() {
    return [document = json_from_yaml(openapi_yaml())](const http::request& asked,
                                                       const http::context& /*with*/) {
        auto answer = http::json_response(200, document);
        add_etag(asked, answer);
        return answer;
    };
}

}  // namespace turnix::api
