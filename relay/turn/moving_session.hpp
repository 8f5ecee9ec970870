// A session on its way from one worker to another, with its relay ports. Destroying it ends it without a
// word, and frees ports and quota. It may change threads.
#pragma once

#include "relay/turn/allocation.hpp"
#include "relay/turn/relay_ports.hpp"

#include <boost/container/static_vector.hpp>

#include <memory>

namespace turnix::turn {

struct moving_session {
    std::unique_ptr<allocation> state;
    /// In the order of the allocation's relays.
    boost::container::static_vector<std::unique_ptr<reserved_port>, 2> ports;
};

}  // namespace turnix::turn
