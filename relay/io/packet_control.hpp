// What the IP header of a datagram says beside its source, in the control data of recvmsg and sendmsg: the
// local address it came to or leaves from (IP_PKTINFO, IPV6_PKTINFO), the endpoint it was steered from
// (IP_ORIGDSTADDR, IPV6_ORIGDSTADDR), its DSCP and ECN (IP_TOS, IPV6_TCLASS; RFC 3542 §6), and
// the size of each when datagrams travel joined (UDP_GRO, UDP_SEGMENT).
#pragma once

#include "common/net/endpoint.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <netinet/in.h>
#include <sys/socket.h>

namespace turnix::io {

/// Control data with room for an address, an endpoint or both, and two numbers.
struct packet_control_buffer {
    alignas(
        cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(sockaddr_in6)) +
                                           2 * CMSG_SPACE(sizeof(int))> bytes;
};

struct packet_control {
    std::optional<net::address> local{};         ///< on sockets that ask for it
    std::optional<net::endpoint> destination{};  ///< received only, on sockets that ask for it
    std::uint8_t traffic_class{0};               ///< DSCP and ECN as they stand in the header
    std::uint16_t segment_bytes{0};              ///< of joined datagrams but the last; 0: it is a single one

    [[nodiscard]] bool is_empty() const noexcept {
        return !local && traffic_class == 0 && segment_bytes == 0;
    }
};

/// From a received message.
packet_control read_packet_control(msghdr& message) noexcept;

/// Makes `message`, whose destination is of `family`, leave that way; `room` must live until it is sent.
void write_packet_control(msghdr& message, packet_control_buffer& room, net::family family,
                          const packet_control& control) noexcept;

}  // namespace turnix::io
