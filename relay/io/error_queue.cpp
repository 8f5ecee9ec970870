#include "relay/io/error_queue.hpp"

#include "common/net/sockaddr.hpp"

#include <array>
#include <cstddef>
#include <cstring>

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace turnix::io {

namespace {

// The extended error and the address of who reports it, with room to spare.
constexpr std::size_t control_bytes = 256;

bool is_error(const cmsghdr& header) noexcept {
    return (header.cmsg_level == IPPROTO_IP && header.cmsg_type == IP_RECVERR) ||
           (header.cmsg_level == IPPROTO_IPV6 && header.cmsg_type == IPV6_RECVERR);
}

std::optional<stun::icmp_error> icmp_in(msghdr& message) noexcept {
    for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
        if (!is_error(*at)) continue;
        sock_extended_err error{};
        std::memcpy(&error, CMSG_DATA(at), sizeof error);
        if (error.ee_origin != SO_EE_ORIGIN_ICMP && error.ee_origin != SO_EE_ORIGIN_ICMP6) continue;
        return stun::icmp_error{.type = error.ee_type, .code = error.ee_code, .data = error.ee_info};
    }
    return std::nullopt;
}

}  // namespace

std::optional<queued_error> take_error(const file_descriptor& socket) noexcept {
    sockaddr_storage sent_to{};
    alignas(cmsghdr) std::array<std::byte, control_bytes> control{};
    msghdr message{};
    message.msg_name = &sent_to;
    message.msg_namelen = sizeof sent_to;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (::recvmsg(socket.get(), &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return std::nullopt;
    return queued_error{.sent_to = net::from_sockaddr(sent_to, message.msg_namelen).value_or(net::endpoint{}),
                        .icmp = icmp_in(message)};
}

}  // namespace turnix::io
