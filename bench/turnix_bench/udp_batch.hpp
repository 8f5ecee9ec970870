// UDP sockets of the generator, and datagrams out of them and into them in batches.
#pragma once

#include "common/net/endpoint.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/io/packet_control.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <sys/socket.h>

namespace turnix::bench {

/// Non-blocking, with large buffers. Each throws std::system_error.
io::file_descriptor open_bound(const net::address& at);
io::file_descriptor open_connected(const net::endpoint& to, const std::optional<net::address>& from);
net::endpoint local_of(const io::file_descriptor& socket);
/// What arrives for one sender may come joined (UDP_GRO).
void join_received(const io::file_descriptor& socket);

/// Equal datagrams to one destination, or to where the socket is connected.
class send_burst {
  public:
    static constexpr std::size_t datagrams_max = 64;

    send_burst(std::size_t datagram_bytes, bool as_one);

    /// The bytes of the next datagram; at most datagrams_max before send.
    [[nodiscard]] std::span<std::byte> add() noexcept;
    /// How many of those added left; `to` is null on a connected socket.
    std::size_t send(const io::file_descriptor& socket, const net::endpoint* to) noexcept;

  private:
    std::size_t send_each(const io::file_descriptor& socket, sockaddr_storage* to,
                          socklen_t to_bytes) noexcept;
    std::size_t send_as_one(const io::file_descriptor& socket, sockaddr_storage* to,
                            socklen_t to_bytes) noexcept;

    std::size_t datagram_bytes_;
    bool as_one_;
    std::size_t used_{0};
    std::vector<std::byte> bytes_;
    std::vector<iovec> parts_;
    std::vector<mmsghdr> messages_;
};

class receive_many {
  public:
    receive_many();
    /// Shows every datagram that the socket has, joined ones apart.
    void receive(const io::file_descriptor& socket,
                 const std::function<void(std::span<const std::byte>)>& show);

  private:
    static constexpr std::size_t messages_max = 32;
    static constexpr std::size_t message_bytes = 65'536;

    std::vector<std::byte> bytes_;
    std::vector<iovec> parts_;
    std::vector<mmsghdr> messages_;
    std::vector<io::packet_control_buffer> control_;
};

}  // namespace turnix::bench
