// Small pieces of JSON that several resources write alike.
#pragma once

#include "api/http/message.hpp"
#include "api/resources/iso_time.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>

namespace turnix::api {

inline boost::json::value time_or_null(const std::optional<wall_time>& time) {
    return time ? boost::json::value(to_iso_time(*time)) : boost::json::value(nullptr);
}

inline boost::json::value text_or_null(const std::string& text) {
    return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
}

template <class Number>
boost::json::value number_or_null(const std::optional<Number>& number) {
    return number ? boost::json::value(*number) : boost::json::value(nullptr);
}

inline http::response object_response(std::uint16_t status, const boost::json::object& body) {
    return http::json_response(status, boost::json::serialize(body));
}

/// 201 with what was made and where it is.
inline http::response created_response(const boost::json::object& body, std::string location) {
    auto made = object_response(201, body);
    made.headers.add("Location", std::move(location));
    return made;
}

}  // namespace turnix::api
