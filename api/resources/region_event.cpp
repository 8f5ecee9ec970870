#include "api/resources/region_event.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace turnix::api {

events::event region_event(const fleet::region_change& change, wall_time at) {
    return {.id = event_id::random(),
            .kind = change.is_online ? events::event_kind::region_up : events::event_kind::region_down,
            .project = {},
            .at = at,
            .data = boost::json::serialize(boost::json::object{
                {"region", change.region}, {"seen_from", change.seen_from}, {"stale", change.is_stale}})};
}

}  // namespace turnix::api
