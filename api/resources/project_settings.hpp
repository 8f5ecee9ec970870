// A project's settings in JSON: how they are read, checked and written.
#pragma once

#include "api/model/tenants.hpp"
#include "api/resources/fields.hpp"

#include <boost/json/object.hpp>

namespace turnix::api {

/// Changes what is given; null goes back to what the node's configuration says, or to no limit.
void read_settings(field_reader& fields, model::project_settings& into);
[[nodiscard]] boost::json::object to_json(const model::project_settings& from);

}  // namespace turnix::api
