#include "relay/io/shared_sockets.hpp"

#include "common/net/sockaddr.hpp"
#include "relay/io/socket_options.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace turnix::io {

namespace {

[[noreturn]] void refused(const std::string& what) {
    throw std::system_error{errno, std::generic_category(), what};
}

file_descriptor open_socket(net::family family, int type, int protocol, const char* what) {
    const int domain = family == net::family::ipv4 ? AF_INET : AF_INET6;
    file_descriptor socket{::socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol)};
    if (!socket.is_open()) refused(std::string{"cannot open "} + what);
    return socket;
}

void bind_to(const file_descriptor& socket, const net::address& at) {
    sockaddr_storage address{};
    const socklen_t length = net::to_sockaddr({.address = at, .port = 0}, address);
    if (::bind(socket.get(), static_cast<const sockaddr*>(static_cast<const void*>(&address)), length) != 0) {
        refused("cannot bind to " + at.to_string());
    }
}

net::address loopback(net::family family) {
    if (family == net::family::ipv4) return net::address{net::address::v4_bytes{127, 0, 0, 1}};
    return net::address{net::address::v6_bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
}

}  // namespace

file_descriptor open_steered_socket(net::family family) {
    auto socket = open_socket(family, SOCK_DGRAM, 0, "a UDP socket");
    ask_for_large_buffers(socket);
    ask_for_traffic_class(socket, family);
    ask_for_joined(socket);
    // It is this socket that ICMP is matched to: see there what a forged one must not do.
    set_dont_fragment(socket, family, false);
    if (family == net::family::ipv4) {
        set_option(socket, IPPROTO_IP, IP_RECVORIGDSTADDR, 1);
    } else {
        set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1);
        set_option(socket, IPPROTO_IPV6, IPV6_RECVORIGDSTADDR, 1);
    }
    // Only a bound socket can be steered to.
    bind_to(socket, loopback(family));
    return socket;
}

file_descriptor open_raw_sender(const net::address& local) {
    // IPPROTO_RAW: it sends headers of ours and receives nothing.
    auto socket = open_socket(local.family(), SOCK_RAW, IPPROTO_RAW, "a raw socket (CAP_NET_RAW)");
    if (local.is_v6()) set_option(socket, IPPROTO_IPV6, IPV6_HDRINCL, 1);
    ask_for_large_buffers(socket);
    ask_for_icmp_errors(socket, local.family());
    // Bound, so that routes are chosen by this source as for a relay socket.
    bind_to(socket, local);
    return socket;
}

file_descriptor open_icmp_socket(net::family family) {
    const bool is_v4 = family == net::family::ipv4;
    const int protocol = is_v4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6};
    auto socket = open_socket(family, SOCK_RAW, protocol, "a raw ICMP socket (CAP_NET_RAW)");
    if (is_v4) {
        const icmp_filter filter{
            .data = ~(1U << ICMP_DEST_UNREACH | 1U << ICMP_TIME_EXCEEDED | 1U << ICMP_PARAMETERPROB)};
        ::setsockopt(socket.get(), SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
        return socket;
    }
    icmp6_filter filter{};
    ICMP6_FILTER_SETBLOCKALL(&filter);
    for (const int type : {ICMP6_DST_UNREACH, ICMP6_PACKET_TOO_BIG, ICMP6_TIME_EXCEEDED, ICMP6_PARAM_PROB}) {
        ICMP6_FILTER_SETPASS(type, &filter);
    }
    ::setsockopt(socket.get(), IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
    return socket;
}

}  // namespace turnix::io
