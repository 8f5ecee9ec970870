#include "daemon/process_events.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace turnix::daemon {

std::string ready_event::to_json() const {
    boost::json::array places;
    for (const auto& [transport, address] : listeners) {
        places.push_back({{"transport", to_string(transport)}, {"address", address.to_string()}});
    }
    return boost::json::serialize(boost::json::object{
        {"event", "ready"},
        {"api", fmt::format("{}://{}", api_tls ? "https" : "http", api.to_string())},
        {"status", status ? boost::json::value(fmt::format("http://{}", status->to_string())) : nullptr},
        {"listeners", std::move(places)},
        {"workers", workers},
        {"engine", engine},
    });
}

std::string stopped_event::to_json() const {
    return boost::json::serialize(
        boost::json::object{{"event", "stopped"}, {"sessions_ended", sessions_ended}});
}

}  // namespace turnix::daemon
