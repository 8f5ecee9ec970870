#include "relay/io/packet_control.hpp"

#include "common/net/sockaddr.hpp"

#include <cstring>

#include <netinet/udp.h>

namespace turnix::io {

namespace {

template <class Value>
Value value_of(const cmsghdr& header) noexcept {
    Value value{};
    std::memcpy(&value, CMSG_DATA(&header), sizeof value);
    return value;
}

template <class Sockaddr>
std::optional<net::endpoint> endpoint_of(const cmsghdr& header) noexcept {
    sockaddr_storage address{};
    std::memcpy(&address, CMSG_DATA(&header), sizeof(Sockaddr));
    return net::from_sockaddr(address, sizeof(Sockaddr));
}

template <class Bytes>
net::address address_from(const void* bytes) noexcept {
    Bytes copy{};
    std::memcpy(copy.data(), bytes, copy.size());
    return net::address{copy};
}

void read_ipv4(const cmsghdr& header, packet_control& into) noexcept {
    if (header.cmsg_type == IP_PKTINFO) {
        const auto info = value_of<in_pktinfo>(header);
        into.local = address_from<net::address::v4_bytes>(&info.ipi_spec_dst);
    } else if (header.cmsg_type == IP_TOS) {
        into.traffic_class = value_of<std::uint8_t>(header);
    } else if (header.cmsg_type == IP_ORIGDSTADDR) {
        into.destination = endpoint_of<sockaddr_in>(header);
    }
}

void read_ipv6(const cmsghdr& header, packet_control& into) noexcept {
    if (header.cmsg_type == IPV6_PKTINFO) {
        const auto info = value_of<in6_pktinfo>(header);
        into.local = address_from<net::address::v6_bytes>(&info.ipi6_addr);
    } else if (header.cmsg_type == IPV6_TCLASS) {
        into.traffic_class = static_cast<std::uint8_t>(value_of<int>(header));
    } else if (header.cmsg_type == IPV6_ORIGDSTADDR) {
        into.destination = endpoint_of<sockaddr_in6>(header);
    }
}

/// Appends to a message's control data; the caller has made room.
template <class Value>
void append(msghdr& message, int level, int type, const Value& value) noexcept {
    std::byte* const at = static_cast<std::byte*>(message.msg_control) + message.msg_controllen;
    cmsghdr header{};
    header.cmsg_level = level;
    header.cmsg_type = type;
    header.cmsg_len = CMSG_LEN(sizeof value);
    std::memcpy(at, &header, sizeof header);
    std::memcpy(at + CMSG_LEN(0), &value, sizeof value);
    message.msg_controllen += CMSG_SPACE(sizeof value);
}

void append_local(msghdr& message, const net::address& local) noexcept {
    if (local.is_v4()) {
        in_pktinfo info{};
        std::memcpy(&info.ipi_spec_dst, local.bytes().data(), sizeof info.ipi_spec_dst);
        append(message, IPPROTO_IP, IP_PKTINFO, info);
    } else {
        in6_pktinfo info{};
        std::memcpy(&info.ipi6_addr, local.bytes().data(), sizeof info.ipi6_addr);
        append(message, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
}

}  // namespace

packet_control read_packet_control(msghdr& message) noexcept {
    packet_control read;
    for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
        if (at->cmsg_level == IPPROTO_IP) read_ipv4(*at, read);
        if (at->cmsg_level == IPPROTO_IPV6) read_ipv6(*at, read);
        if (at->cmsg_level == SOL_UDP && at->cmsg_type == UDP_GRO) {
            read.segment_bytes = static_cast<std::uint16_t>(value_of<int>(*at));
        }
    }
    return read;
}

void write_packet_control(msghdr& message, packet_control_buffer& room, net::family family,
                          const packet_control& control) noexcept {
    room = {};
    message.msg_control = room.bytes.data();
    message.msg_controllen = 0;
    if (control.local) append_local(message, *control.local);
    if (control.segment_bytes != 0) append(message, SOL_UDP, UDP_SEGMENT, control.segment_bytes);
    if (control.traffic_class == 0) return;
    const int traffic_class = control.traffic_class;
    if (family == net::family::ipv4) {
        append(message, IPPROTO_IP, IP_TOS, traffic_class);
    } else {
        append(message, IPPROTO_IPV6, IPV6_TCLASS, traffic_class);
    }
}

}  // namespace turnix::io
