// The sockets of one listener address: one for each worker, all on one port (SO_REUSEPORT), and nobody
// else's.
//
// The first socket is bound alone, so that a port which any other socket holds, a second daemon's included,
// is an error instead of half the traffic; only then the others are let in. Used at start.
#pragma once

#include "common/contract/relay_settings.hpp"
#include "relay/io/file_descriptor.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace turnix::io {

struct listener_group {
    contract::listener_settings bound;  ///< with the port that was really taken
    std::vector<file_descriptor> sockets;
};

/// The keys of the configuration that a listener's address and its port are from.
struct listener_keys {
    std::string_view address{"relay.listeners"};
    std::string_view port{"relay.listeners"};
};

/// Throws std::runtime_error that names transport, address, fault, remedy and key.
listener_group open_listener_group(const contract::listener_settings& wanted, std::size_t sockets,
                                   const listener_keys& keys = {});

}  // namespace turnix::io
