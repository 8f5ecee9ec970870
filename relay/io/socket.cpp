#include "relay/io/socket.hpp"

#include "common/net/sockaddr.hpp"
#include "relay/io/socket_options.hpp"

#include <boost/throw_exception.hpp>

#include <cerrno>
#include <stdexcept>
#include <utility>

#include <netinet/tcp.h>
#include <sys/socket.h>

namespace turnix::io {

namespace {

/// What of a stream's bytes the kernel may hold that it has not sent: the rest waits in a queue of ours,
/// which knows how old it is.
constexpr int unsent_bytes = 128 * 1024;
/// A stranger is not heard while it leaves answers: few, or a crowd of them keeps the worker busy.
constexpr int strangers_unsent_bytes = 8 * 1024;
/// As many as the system allows. A client for whom there is no room in the queue comes back after a second.
constexpr int accept_backlog = SOMAXCONN;

bind_error classify(int error) noexcept {
    if (is_out_of_resources(error)) return bind_error::out_of_resources;
    switch (error) {
        case EADDRINUSE:
            return bind_error::in_use;
        case EADDRNOTAVAIL:
            return bind_error::not_local;
        case EACCES:
        case EPERM:
            return bind_error::not_permitted;
        default:
            return bind_error::other;
    }
}

sockaddr* generic(sockaddr_storage& address) noexcept {
    return static_cast<sockaddr*>(static_cast<void*>(&address));
}

result<file_descriptor, bind_error> open_socket(net::family family, int type) noexcept {
    const int domain = family == net::family::ipv4 ? AF_INET : AF_INET6;
    file_descriptor socket{::socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!socket.is_open()) return classify(errno);
    if (family == net::family::ipv6) set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    return socket;
}

result<file_descriptor, bind_error> bind_to(file_descriptor socket, const net::endpoint& at) noexcept {
    sockaddr_storage address{};
    const socklen_t length = net::to_sockaddr(at, address);
    if (::bind(socket.get(), generic(address), length) != 0) return classify(errno);
    return socket;
}

}  // namespace

const char* to_string(bind_error value) noexcept {
    switch (value) {
        case bind_error::in_use:
            return "the port is in use";
        case bind_error::not_local:
            return "the address is not one of this host";
        case bind_error::not_permitted:
            return "permission denied";
        case bind_error::out_of_resources:
            return "out of file descriptors or memory";
        case bind_error::other:
            break;
    }
    return "the system refused";
}

void throw_exception_from_error(bind_error error, const boost::source_location& where) {
    boost::throw_exception(std::runtime_error{to_string(error)}, where);
}

result<file_descriptor, bind_error> open_udp_listener(const net::endpoint& at,
                                                      port_sharing sharing) noexcept {
    auto socket = open_socket(at.address.family(), SOCK_DGRAM);
    if (!socket) return socket;
    if (sharing == port_sharing::joins_group) set_option(*socket, SOL_SOCKET, SO_REUSEPORT, 1);
    ask_for_large_buffers(*socket);
    set_dont_fragment(*socket, at.address.family(), false);
    ask_for_traffic_class(*socket, at.address.family());
    ask_for_joined(*socket);
    if (at.address.is_unspecified()) ask_for_destination(*socket, at.address.family());
    return bind_to(std::move(*socket), at);
}

result<file_descriptor, bind_error> open_tcp_listener(const net::endpoint& at,
                                                      port_sharing sharing) noexcept {
    auto socket = open_socket(at.address.family(), SOCK_STREAM);
    if (!socket) return socket;
    set_option(*socket, SOL_SOCKET, SO_REUSEADDR, 1);
    if (sharing == port_sharing::joins_group) set_option(*socket, SOL_SOCKET, SO_REUSEPORT, 1);
    // Accepted connections inherit them.
    set_option(*socket, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(*socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, strangers_unsent_bytes);
    auto bound = bind_to(std::move(*socket), at);
    if (bound && ::listen(bound->get(), accept_backlog) != 0) return classify(errno);
    return bound;
}

result<file_descriptor, bind_error> open_relay_socket(const net::endpoint& at) noexcept {
    auto socket = open_socket(at.address.family(), SOCK_DGRAM);
    if (!socket) return socket;
    set_dont_fragment(*socket, at.address.family(), false);
    ask_for_traffic_class(*socket, at.address.family());
    ask_for_icmp_errors(*socket, at.address.family());
    return bind_to(std::move(*socket), at);
}

result<file_descriptor, bind_error> open_port_probe(const net::endpoint& at) noexcept {
    auto socket = open_socket(at.address.family(), SOCK_DGRAM);
    if (!socket) return socket;
    return bind_to(std::move(*socket), at);
}

result<file_descriptor, bind_error> open_peer_listener(const net::endpoint& at) noexcept {
    auto socket = open_socket(at.address.family(), SOCK_STREAM);
    if (!socket) return socket;
    // Accepted connections inherit it.
    set_option(*socket, IPPROTO_TCP, TCP_NODELAY, 1);
    auto bound = bind_to(std::move(*socket), at);
    if (!bound) return bound;
    if (::listen(bound->get(), accept_backlog) != 0) return classify(errno);
    let_others_join(*bound);
    return bound;
}

result<file_descriptor, bind_error> open_peer_socket(const net::endpoint& from,
                                                     const net::endpoint& to) noexcept {
    auto socket = open_socket(from.address.family(), SOCK_STREAM);
    if (!socket) return socket;
    set_option(*socket, IPPROTO_TCP, TCP_NODELAY, 1);
    let_others_join(*socket);
    auto bound = bind_to(std::move(*socket), from);
    if (!bound) return bound;
    sockaddr_storage address{};
    const socklen_t length = net::to_sockaddr(to, address);
    if (::connect(bound->get(), generic(address), length) != 0 && errno != EINPROGRESS) {
        return classify(errno);
    }
    return bound;
}

accepted_socket accept_from(int listener) noexcept {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    file_descriptor socket{::accept4(listener, generic(address), &length, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (!socket.is_open()) return {.socket = {}, .from = std::nullopt, .error = errno};
    return {.socket = std::move(socket), .from = net::from_sockaddr(address, length)};
}

bool is_out_of_resources(int error) noexcept {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

void limit_unsent(int connection, bool is_strangers) noexcept {
    const int bytes = is_strangers ? strangers_unsent_bytes : unsent_bytes;
    ::setsockopt(connection, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
}

void let_others_join(const file_descriptor& socket) noexcept {
    set_option(socket, SOL_SOCKET, SO_REUSEPORT, 1);
}

net::endpoint bound_endpoint(const file_descriptor& socket) noexcept {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    if (::getsockname(socket.get(), generic(address), &length) != 0) return {};
    return net::from_sockaddr(address, length).value_or(net::endpoint{});
}

int receive_buffer_bytes(const file_descriptor& socket) noexcept {
    int bytes = 0;
    socklen_t length = sizeof bytes;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &bytes, &length);
    return bytes;
}

}  // namespace turnix::io
