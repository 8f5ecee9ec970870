#include "relay/io/error_queue.hpp"

#include "common/net/sockaddr.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

namespace turnix::io {

namespace {

// The extended error and the address of who reports it, with room to spare.
constexpr std::size_t control_bytes = 256;

bool is_error(const cmsghdr& header) noexcept {
    return (header.cmsg_level == IPPROTO_IP && header.cmsg_type == IP_RECVERR) ||
           (header.cmsg_level == IPPROTO_IPV6 && header.cmsg_type == IPV6_RECVERR);
}

void read_error(msghdr& message, queued_error& into) noexcept {
    for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
        if (!is_error(*at)) continue;
        sock_extended_err error{};
        std::memcpy(&error, CMSG_DATA(at), sizeof error);
        if (error.ee_origin == SO_EE_ORIGIN_LOCAL) {
            into.is_refusal = true;
            if (error.ee_errno != EMSGSIZE) return;
            into.icmp =
                too_big(at->cmsg_level == IPPROTO_IP ? net::family::ipv4 : net::family::ipv6, error.ee_info);
        } else if (error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6) {
            into.icmp = {.type = error.ee_type, .code = error.ee_code, .data = error.ee_info};
        }
        return;
    }
}

}  // namespace

stun::icmp_error too_big(net::family family, std::uint32_t mtu) noexcept {
    if (family == net::family::ipv4)
        return {.type = ICMP_DEST_UNREACH, .code = ICMP_FRAG_NEEDED, .data = mtu};
    return {.type = ICMP6_PACKET_TOO_BIG, .code = 0, .data = mtu};
}

std::optional<queued_error> take_error(const file_descriptor& socket) noexcept {
    sockaddr_storage sent_to{};
    alignas(cmsghdr) std::array<std::byte, control_bytes> control{};
    msghdr message{};
    message.msg_name = &sent_to;
    message.msg_namelen = sizeof sent_to;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (::recvmsg(socket.get(), &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return std::nullopt;
    queued_error taken{.sent_to = net::from_sockaddr(sent_to, message.msg_namelen).value_or(net::endpoint{})};
    read_error(message, taken);
    return taken;
}

}  // namespace turnix::io
