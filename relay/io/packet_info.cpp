#include "relay/io/packet_info.hpp"

#include <cstring>

namespace turnix::io {

namespace {

template <class Info>
void write_as(msghdr& message, int level, int type, const Info& info) noexcept {
    message.msg_controllen = CMSG_SPACE(sizeof info);
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(header), &info, sizeof info);
}

template <class Bytes>
net::address address_from(const void* bytes) noexcept {
    Bytes copy{};
    std::memcpy(copy.data(), bytes, copy.size());
    return net::address{copy};
}

}  // namespace

std::optional<net::address> read_packet_info(msghdr& message) noexcept {
    for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
        if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO) {
            in_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(at), sizeof info);
            return address_from<net::address::v4_bytes>(&info.ipi_spec_dst);
        }
        if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(at), sizeof info);
            return address_from<net::address::v6_bytes>(&info.ipi6_addr);
        }
    }
    return std::nullopt;
}

void write_packet_info(msghdr& message, packet_info_buffer& room, const net::address& source) noexcept {
    room = {};
    message.msg_control = room.bytes.data();
    message.msg_controllen = room.bytes.size();
    if (source.is_v4()) {
        in_pktinfo info{};
        std::memcpy(&info.ipi_spec_dst, source.bytes().data(), sizeof info.ipi_spec_dst);
        write_as(message, IPPROTO_IP, IP_PKTINFO, info);
    } else {
        in6_pktinfo info{};
        std::memcpy(&info.ipi6_addr, source.bytes().data(), sizeof info.ipi6_addr);
        write_as(message, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
}

}  // namespace turnix::io
