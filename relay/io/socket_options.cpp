#include "relay/io/socket_options.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

namespace turnix::io {

namespace {

/// What a wave of clients may send while the worker is at something else.
constexpr int large_buffer_bytes = 4 * 1024 * 1024;

void receive_errors(const file_descriptor& socket, net::family family, int on) noexcept {
    if (family == net::family::ipv4) {
        set_option(socket, IPPROTO_IP, IP_RECVERR, on);
    } else {
        set_option(socket, IPPROTO_IPV6, IPV6_RECVERR, on);
    }
}

}  // namespace

void set_option(const file_descriptor& socket, int level, int name, int value) noexcept {
    ::setsockopt(socket.get(), level, name, &value, sizeof value);
}

// SO_RCVBUFFORCE goes beyond the system's limit but needs a privilege; SO_RCVBUF takes what it gets.
void ask_for_large_buffers(const file_descriptor& socket) noexcept {
    const int wanted = large_buffer_bytes;
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0) {
        set_option(socket, SOL_SOCKET, SO_RCVBUF, wanted);
    }
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUFFORCE, &wanted, sizeof wanted) != 0) {
        set_option(socket, SOL_SOCKET, SO_SNDBUF, wanted);
    }
}

void ask_for_destination(const file_descriptor& socket, net::family family) noexcept {
    if (family == net::family::ipv4) {
        set_option(socket, IPPROTO_IP, IP_PKTINFO, 1);
    } else {
        set_option(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    }
}

void ask_for_traffic_class(const file_descriptor& socket, net::family family) noexcept {
    if (family == net::family::ipv4) {
        set_option(socket, IPPROTO_IP, IP_RECVTOS, 1);
    } else {
        set_option(socket, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    }
}

void ask_for_icmp_errors(const file_descriptor& socket, net::family family) noexcept {
    receive_errors(socket, family, 1);
}

void ignore_icmp_errors(const file_descriptor& socket, net::family family) noexcept {
    receive_errors(socket, family, 0);
}

void ask_for_joined(const file_descriptor& socket) noexcept { set_option(socket, SOL_UDP, UDP_GRO, 1); }

void set_dont_fragment(const file_descriptor& socket, net::family family, bool on) noexcept {
    // OMIT, not DONT, and PROBE, not DO: a forged "fragmentation needed" must not shrink what is sent.
    if (family == net::family::ipv4) {
        set_option(socket, IPPROTO_IP, IP_MTU_DISCOVER, on ? IP_PMTUDISC_PROBE : IP_PMTUDISC_OMIT);
    } else {
        set_option(socket, IPPROTO_IPV6, IPV6_MTU_DISCOVER, on ? IPV6_PMTUDISC_PROBE : IPV6_PMTUDISC_OMIT);
    }
}

}  // namespace turnix::io
