// The addresses of this host's network interfaces.
#pragma once

#include "common/net/address.hpp"

#include <vector>

namespace turnix::io {

/// Of interfaces that are up, both families, without link-local ones; loopback included. Asked at start.
/// Throws std::system_error.
std::vector<net::address> interface_addresses();

}  // namespace turnix::io
