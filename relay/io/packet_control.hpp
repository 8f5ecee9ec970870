// What the IP header of a datagram says beside its source, in the control data of recvmsg and sendmsg: the
// local address it came to or leaves from (IP_PKTINFO, IPV6_PKTINFO), and its DSCP and ECN (IP_TOS,
// IPV6_TCLASS). RFC 3542 §6.
#pragma once

#include "common/net/address.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <netinet/in.h>
#include <sys/socket.h>

namespace turnix::io {

/// Control data with room for one of each, of either family.
struct packet_control_buffer {
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(int))> bytes;
};

struct packet_control {
    std::optional<net::address> local{};  ///< on sockets that ask for it
    std::uint8_t traffic_class{0};        ///< DSCP and ECN as they stand in the header

    [[nodiscard]] bool is_empty() const noexcept { return !local && traffic_class == 0; }
};

/// From a received message.
packet_control read_packet_control(msghdr& message) noexcept;

/// Makes `message`, whose destination is of `family`, leave that way; `room` must live until it is sent.
void write_packet_control(msghdr& message, packet_control_buffer& room, net::family family,
                          const packet_control& control) noexcept;

}  // namespace turnix::io
