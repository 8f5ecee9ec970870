// The sockets that the relay opens, with the options each kind needs. All are non-blocking and close-on-exec;
// IPv6 sockets carry IPv6 only.
#pragma once

#include "common/net/endpoint.hpp"
#include "common/net/result.hpp"
#include "relay/io/file_descriptor.hpp"

#include <cstdint>
#include <optional>

namespace turnix::io {

enum class bind_error : std::uint8_t {
    in_use,         ///< another socket holds the port
    not_local,      ///< the address is not one of this host
    not_permitted,  ///< a privileged port, or a security policy
    out_of_resources,
    other,
};
/// One clause for people: "the port is in use", ...
const char* to_string(bind_error value) noexcept;
/// What result::value() throws, outside the data path: std::runtime_error.
[[noreturn]] void throw_exception_from_error(bind_error error, const boost::source_location& where);

/// May the socket share its port with others of this process that say the same (SO_REUSEPORT)?
enum class port_sharing : std::uint8_t { exclusive, joins_group };

/// A UDP socket that clients send to. On an unspecified address each datagram tells which address it came to.
result<file_descriptor, bind_error> open_udp_listener(const net::endpoint& at, port_sharing sharing) noexcept;
/// A listening TCP socket. A port in TIME_WAIT is taken, one that is listened on is not.
result<file_descriptor, bind_error> open_tcp_listener(const net::endpoint& at, port_sharing sharing) noexcept;
/// A UDP socket that peers send to; its port is nobody else's. Its error queue tells what ICMP reports.
result<file_descriptor, bind_error> open_relay_socket(const net::endpoint& at) noexcept;
/// A UDP socket that does no more than to keep everybody else from the port: nothing is sent through it, and
/// it is closed before anything comes.
result<file_descriptor, bind_error> open_port_probe(const net::endpoint& at) noexcept;

/// A listening TCP socket that peers connect to; its port is nobody else's, connections from it excepted.
result<file_descriptor, bind_error> open_peer_listener(const net::endpoint& at) noexcept;
/// A TCP socket on the port of such a listener, on its way to a peer: it is writable when it has arrived, or
/// failed (SO_ERROR).
result<file_descriptor, bind_error> open_peer_socket(const net::endpoint& from,
                                                     const net::endpoint& to) noexcept;

/// A connection that waited at a listener.
struct accepted_socket {
    file_descriptor socket;             ///< not open when there was none: `error` says why
    std::optional<net::endpoint> from;  ///< nothing when it is neither IPv4 nor IPv6
    int error{0};                       ///< as errno
};
accepted_socket accept_from(int listener) noexcept;
/// Is it one that says that descriptors or memory ran short?
[[nodiscard]] bool is_out_of_resources(int error) noexcept;

/// How much of what is written to an accepted connection the kernel holds before it has sent it. It is little
/// at first, as for strangers.
void limit_unsent(int connection, bool is_strangers) noexcept;

/// Lets sockets that are opened later join the port of one that was bound exclusively.
void let_others_join(const file_descriptor& socket) noexcept;

/// Where the socket is bound: with the port that the kernel chose.
net::endpoint bound_endpoint(const file_descriptor& socket) noexcept;

/// Bytes of receive buffer that the kernel gave.
int receive_buffer_bytes(const file_descriptor& socket) noexcept;

}  // namespace turnix::io
