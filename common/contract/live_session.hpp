// A session as it is at this moment. A copy: it does not change any more.
#pragma once

#include "common/contract/session_event.hpp"
#include "common/net/endpoint.hpp"

#include <memory>
#include <vector>

namespace turnix::contract {

struct live_session {
    session_id id;
    std::shared_ptr<const credential::claims> claims;  ///< with what overrides have changed
    net::endpoint client;
    net::endpoint server;
    net::transport transport{net::transport::udp};
    net::endpoint relayed;  ///< as the client was told it
    wall_time started_at;
    wall_time last_activity_at;         ///< when something was last relayed; the start when nothing was
    std::vector<net::address> peers{};  ///< whom it may talk to now
    traffic_counters traffic{};
};

}  // namespace turnix::contract
