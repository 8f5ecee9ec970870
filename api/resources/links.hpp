// Links back to the operator's own application: a project's templates with their places filled in.
#pragma once

#include "api/model/tenants.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace turnix::api {

/// What fills {room}, {client} and {session}.
struct link_names {
    std::string_view room{};
    std::string_view client{};
    std::string_view session{};
};

/// Null for a template that is empty, or that needs a name which is not there.
boost::json::value link_from(const std::string& link_template, const link_names& names);

}  // namespace turnix::api
