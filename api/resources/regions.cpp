#include "api/resources/regions.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace turnix::api {

std::vector<endpoint> regions::endpoints() {
    return {{{http::method::get, "/api/v1/regions"},
             std::nullopt,
             work::in_memory,
             handler_of(*this, &regions::list)}};
}

outcome regions::list(const call& /*asked*/) const {
    boost::json::array all;
    for (const auto& region : directory_.regions()) {
        const auto state = directory_.state_of(region);
        all.push_back(boost::json::object{{"slug", region.slug},
                                          {"nat2", region.country},
                                          {"city", region.city},
                                          {"name", region.name},
                                          {"lat", region.location.latitude},
                                          {"lon", region.location.longitude},
                                          {"is_online", state.online},
                                          {"is_operational", state.operational}});
    }
    return http::json_response(200, boost::json::serialize(all));
}

}  // namespace turnix::api
