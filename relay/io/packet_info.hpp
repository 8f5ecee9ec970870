// Which local address a datagram came to, and which one it leaves from: IP_PKTINFO and IPV6_PKTINFO (RFC 3542
// §6) in the control data of recvmsg and sendmsg.
#pragma once

#include "common/net/address.hpp"

#include <array>
#include <cstddef>
#include <optional>

#include <netinet/in.h>
#include <sys/socket.h>

namespace turnix::io {

/// Control data with room for one packet info of either family.
struct packet_info_buffer {
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in6_pktinfo))> bytes;
};

/// The local address in a received message's control data; nothing when it has none.
std::optional<net::address> read_packet_info(msghdr& message) noexcept;

/// Makes `message` leave from that local address; `room` must live until it is sent.
void write_packet_info(msghdr& message, packet_info_buffer& room, const net::address& source) noexcept;

}  // namespace turnix::io
