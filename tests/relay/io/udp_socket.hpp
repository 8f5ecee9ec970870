// A blocking UDP socket for tests, on a loopback address.
#pragma once

#include "common/net/endpoint.hpp"
#include "common/net/sockaddr.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/io/packet_control.hpp"
#include "relay/io/socket.hpp"
#include "relay/io/socket_options.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace turnix::test {

class udp_socket {
  public:
    explicit udp_socket(const net::address& at) : socket_{io::open_relay_socket({at, 0}).value()} {
        const int on = 1;
        ::setsockopt(socket_.get(), at.is_v4() ? IPPROTO_IP : IPPROTO_IPV6,
                     at.is_v4() ? IP_RECVTTL : IPV6_RECVHOPLIMIT, &on, sizeof on);
    }

    [[nodiscard]] net::endpoint local() const { return io::bound_endpoint(socket_); }

    void send(const net::endpoint& to, std::span<const std::byte> payload) const {
        sockaddr_storage address{};
        const socklen_t length = net::to_sockaddr(to, address);
        ::sendto(socket_.get(), payload.data(), payload.size(), 0,
                 static_cast<const sockaddr*>(static_cast<const void*>(&address)), length);
    }

    /// As datagrams of that size, the last perhaps shorter, in one call.
    void send_joined(const net::endpoint& to, std::span<std::byte> payload,
                     std::uint16_t segment_bytes) const {
        sockaddr_storage address{};
        iovec all{.iov_base = payload.data(), .iov_len = payload.size()};
        io::packet_control_buffer control{};
        msghdr message{};
        message.msg_name = &address;
        message.msg_namelen = net::to_sockaddr(to, address);
        message.msg_iov = &all;
        message.msg_iovlen = 1;
        io::write_packet_control(message, control, to.address.family(), {.segment_bytes = segment_bytes});
        ::sendmsg(socket_.get(), &message, 0);
    }
    /// What arrives joined is received as one from here on.
    void receive_joined() const { io::ask_for_joined(socket_); }

    /// DSCP and ECN, and the TTL or hop limit, of what is sent from here on.
    void mark(int traffic_class, int hops) const {
        const bool is_v4 = local().address.is_v4();
        const int level = is_v4 ? IPPROTO_IP : IPPROTO_IPV6;
        ::setsockopt(socket_.get(), level, is_v4 ? IP_TOS : IPV6_TCLASS, &traffic_class, sizeof(int));
        ::setsockopt(socket_.get(), level, is_v4 ? IP_TTL : IPV6_UNICAST_HOPS, &hops, sizeof(int));
    }

    struct datagram {
        net::endpoint from;
        std::vector<std::byte> payload;
        int traffic_class{0};
        int hops{0};
    };
    /// Nothing when none comes in time.
    [[nodiscard]] std::optional<datagram> receive(int timeout_ms = 2'000) const {
        pollfd ready{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        if (::poll(&ready, 1, timeout_ms) != 1) return std::nullopt;
        datagram received{.from = {}, .payload = std::vector<std::byte>(65'536)};
        sockaddr_storage from{};
        iovec payload{.iov_base = received.payload.data(), .iov_len = received.payload.size()};
        alignas(cmsghdr) std::array<std::byte, 256> control{};
        msghdr message{};
        message.msg_name = &from;
        message.msg_namelen = sizeof from;
        message.msg_iov = &payload;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const auto bytes = ::recvmsg(socket_.get(), &message, 0);
        if (bytes < 0) return std::nullopt;
        received.payload.resize(static_cast<std::size_t>(bytes));
        received.from = net::from_sockaddr(from, message.msg_namelen).value();
        received.traffic_class = io::read_packet_control(message).traffic_class;
        received.hops = hops_of(message);
        return received;
    }

  private:
    static int hops_of(msghdr& message) {
        int hops = 0;
        for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
            const bool is_ttl = at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_TTL;
            const bool is_hops = at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_HOPLIMIT;
            if (is_ttl || is_hops) std::memcpy(&hops, CMSG_DATA(at), sizeof hops);
        }
        return hops;
    }

    io::file_descriptor socket_;
};

}  // namespace turnix::test
