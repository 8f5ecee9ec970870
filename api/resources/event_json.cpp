#include "api/resources/event_json.hpp"

#include "api/resources/iso_time.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace turnix::api {

std::string event_json(const events::event& what, const auth::tenant_directory& tenants) {
    namespace json = boost::json;
    const auto project = tenants.find_project(what.project);
    return json::serialize(
        json::object{{"id", what.id.to_string()},
                     {"type", to_string(what.kind)},
                     {"created_at", to_iso_time(what.at)},
                     {"project", project ? json::value(project->slug) : json::value(nullptr)},
                     {"data", json::parse(what.data)}});
}

}  // namespace turnix::api
