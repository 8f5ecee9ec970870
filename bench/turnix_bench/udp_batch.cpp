#include "bench/turnix_bench/udp_batch.hpp"

#include "common/net/sockaddr.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include <netinet/in.h>
#include <netinet/udp.h>

namespace turnix::bench {

namespace {

constexpr int buffer_bytes = 16 * 1024 * 1024;

void require(bool holds, const char* what) {
    if (!holds) throw std::system_error{errno, std::generic_category(), what};
}

const sockaddr* generic(const sockaddr_storage& address) {
    return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

io::file_descriptor open_socket(net::family family) {
    const int domain = family == net::family::ipv4 ? AF_INET : AF_INET6;
    io::file_descriptor socket{::socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    require(socket.is_open(), "cannot open a socket");
    for (const int option : {SO_RCVBUF, SO_RCVBUFFORCE, SO_SNDBUF, SO_SNDBUFFORCE}) {
        ::setsockopt(socket.get(), SOL_SOCKET, option, &buffer_bytes, sizeof buffer_bytes);
    }
    return socket;
}

void bind_to(const io::file_descriptor& socket, const net::address& at) {
    sockaddr_storage address{};
    const socklen_t length = net::to_sockaddr({at, 0}, address);
    require(::bind(socket.get(), generic(address), length) == 0, "cannot bind a client or the peer");
}

}  // namespace

io::file_descriptor open_bound(const net::address& at) {
    auto socket = open_socket(at.family());
    bind_to(socket, at);
    return socket;
}

io::file_descriptor open_connected(const net::endpoint& to, const std::optional<net::address>& from) {
    auto socket = open_socket(to.address.family());
    if (from) bind_to(socket, *from);
    sockaddr_storage address{};
    const socklen_t length = net::to_sockaddr(to, address);
    require(::connect(socket.get(), generic(address), length) == 0, "cannot reach the server");
    return socket;
}

net::endpoint local_of(const io::file_descriptor& socket) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    require(::getsockname(socket.get(), static_cast<sockaddr*>(static_cast<void*>(&address)), &length) == 0,
            "cannot tell a socket's address");
    return net::from_sockaddr(address, length).value_or(net::endpoint{});
}

void join_received(const io::file_descriptor& socket) {
    const int on = 1;
    require(::setsockopt(socket.get(), SOL_UDP, UDP_GRO, &on, sizeof on) == 0, "no UDP_GRO here");
}

send_burst::send_burst(std::size_t datagram_bytes, bool as_one)
    : datagram_bytes_{datagram_bytes},
      as_one_{as_one},
      bytes_(datagrams_max * datagram_bytes),
      parts_(datagrams_max),
      messages_(datagrams_max) {
    for (std::size_t i = 0; i < datagrams_max; ++i) {
        parts_[i] = {.iov_base = bytes_.data() + i * datagram_bytes, .iov_len = datagram_bytes};
        messages_[i].msg_hdr.msg_iov = &parts_[i];
        messages_[i].msg_hdr.msg_iovlen = 1;
    }
}

std::span<std::byte> send_burst::add() noexcept {
    return std::span{bytes_}.subspan(datagram_bytes_ * used_++, datagram_bytes_);
}

std::size_t send_burst::send(const io::file_descriptor& socket, const net::endpoint* to) noexcept {
    sockaddr_storage address{};
    const socklen_t length = to != nullptr ? net::to_sockaddr(*to, address) : 0;
    sockaddr_storage* const destination = to != nullptr ? &address : nullptr;
    const std::size_t left = as_one_ && used_ > 1 ? send_as_one(socket, destination, length)
                                                  : send_each(socket, destination, length);
    used_ = 0;
    return left;
}

std::size_t send_burst::send_each(const io::file_descriptor& socket, sockaddr_storage* to,
                                  socklen_t to_bytes) noexcept {
    for (std::size_t i = 0; i < used_; ++i) {
        messages_[i].msg_hdr.msg_name = to;
        messages_[i].msg_hdr.msg_namelen = to_bytes;
    }
    const int sent = ::sendmmsg(socket.get(), messages_.data(), static_cast<unsigned>(used_), MSG_DONTWAIT);
    return static_cast<std::size_t>(std::max(sent, 0));
}

std::size_t send_burst::send_as_one(const io::file_descriptor& socket, sockaddr_storage* to,
                                    socklen_t to_bytes) noexcept {
    iovec all{.iov_base = bytes_.data(), .iov_len = used_ * datagram_bytes_};
    io::packet_control_buffer control{};
    msghdr message{};
    message.msg_name = to;
    message.msg_namelen = to_bytes;
    message.msg_iov = &all;
    message.msg_iovlen = 1;
    const auto segment = static_cast<std::uint16_t>(datagram_bytes_);
    io::write_packet_control(message, control, net::family::ipv4, {.segment_bytes = segment});
    return ::sendmsg(socket.get(), &message, MSG_DONTWAIT) >= 0 ? used_ : 0;
}

receive_many::receive_many()
    : bytes_(messages_max * message_bytes),
      parts_(messages_max),
      messages_(messages_max),
      control_(messages_max) {
    for (std::size_t i = 0; i < messages_max; ++i) {
        parts_[i] = {.iov_base = bytes_.data() + i * message_bytes, .iov_len = message_bytes};
    }
}

void receive_many::receive(const io::file_descriptor& socket,
                           const std::function<void(std::span<const std::byte>)>& show) {
    for (std::size_t i = 0; i < messages_max; ++i) {
        messages_[i].msg_hdr = {};
        messages_[i].msg_hdr.msg_iov = &parts_[i];
        messages_[i].msg_hdr.msg_iovlen = 1;
        messages_[i].msg_hdr.msg_control = control_[i].bytes.data();
        messages_[i].msg_hdr.msg_controllen = control_[i].bytes.size();
    }
    const int count = ::recvmmsg(socket.get(), messages_.data(), messages_max, MSG_DONTWAIT, nullptr);
    for (std::size_t i = 0; i < static_cast<std::size_t>(std::max(count, 0)); ++i) {
        std::span<const std::byte> rest = std::span{bytes_}.subspan(i * message_bytes, messages_[i].msg_len);
        const std::size_t segment = io::read_packet_control(messages_[i].msg_hdr).segment_bytes;
        while (!rest.empty()) {
            const auto datagram = rest.first(segment == 0 ? rest.size() : std::min(segment, rest.size()));
            show(datagram);
            rest = rest.subspan(datagram.size());
        }
    }
}

}  // namespace turnix::bench
