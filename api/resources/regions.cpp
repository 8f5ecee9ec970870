#include "api/resources/regions.hpp"

#include "api/resources/fields.hpp"
#include "api/resources/json_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

namespace turnix::api {

using http::error;
using http::error_code;
using http::method;

std::vector<endpoint> regions::endpoints() {
    return {
        {{method::get, "/api/v1/regions"}, std::nullopt, work::in_memory, handler_of(*this, &regions::list)},
        {{method::patch, "/api/v1/regions/{slug}"},
         model::scope::regions_admin,
         work::changes_store,
         handler_of(*this, &regions::change)}};
}

outcome regions::list(const call& /*asked*/) const {
    boost::json::array all;
    for (const auto& region : directory_.regions()) all.push_back(to_json(region));
    return http::json_response(200, boost::json::serialize(all));
}

outcome regions::change(const call& asked) {
    const auto* const region = directory_.find(asked.with.path_parameter("slug"));
    const auto& reach = asked.caller.reach;
    if (region == nullptr || reach.organisation != operated_) {
        return error{.code = error_code::not_found, .message = "There is no such region."};
    }
    if (reach.project) {
        return error{.code = error_code::forbidden,
                     .message = "This needs a token of the whole organisation."};
    }
    const auto body = read_strict_body(asked.request);
    if (body.has_error()) return body.error();
    bool is_operational{false};
    field_reader fields{*body};
    fields.require("is_operational");
    fields.boolean("is_operational", is_operational);
    if (auto fault = fields.finish()) return std::move(*fault);
    if (region != &directory_.own()) {
        return error{.code = error_code::conflict,
                     .message = "This node is of another region; ask a node of that one."};
    }
    relay_.set_draining(!is_operational);
    return object_response(200, to_json(*region));
}

boost::json::object regions::to_json(const fleet::region_entry& region) const {
    const auto state = directory_.state_of(region);
    return {{"slug", region.slug},
            {"nat2", region.country},
            {"city", region.city},
            {"name", region.name},
            {"lat", region.location.latitude},
            {"lon", region.location.longitude},
            {"is_online", state.online},
            {"is_operational", state.operational}};
}

}  // namespace turnix::api
