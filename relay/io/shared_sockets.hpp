// The sockets that the shared engine opens at start, non-blocking and close-on-exec. Each throws
// std::system_error that says what was refused.
#pragma once

#include "common/net/address.hpp"
#include "relay/io/file_descriptor.hpp"

namespace turnix::io {

/// A UDP socket for what is steered to it; each datagram tells which endpoint it came to. Its own port, on
/// loopback, is nobody's.
file_descriptor open_steered_socket(net::family family);

/// Sends packets with headers of ours from that address. Needs CAP_NET_RAW.
file_descriptor open_raw_sender(const net::address& local);

/// Receives ICMP or ICMPv6 errors. Needs CAP_NET_RAW.
file_descriptor open_icmp_socket(net::family family);

}  // namespace turnix::io
