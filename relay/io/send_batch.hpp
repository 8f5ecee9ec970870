// Datagrams that wait for the end of the batch, chained by socket, and their way to the kernel in one
// sendmmsg for each socket.
//
// Owned by an engine, used on its worker's thread. Allocates when made and never again.
#pragma once

#include "common/net/endpoint.hpp"
#include "relay/io/counters.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/io/packet_control.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <sys/socket.h>

namespace turnix::io {

/// A socket and what waits to leave through it. Must not move while something waits.
struct datagram_socket {
    static constexpr std::uint32_t none = UINT32_MAX;

    file_descriptor descriptor;
    net::family family{net::family::ipv4};
    bool dont_fragment{false};  ///< as the socket is set at this moment
    std::uint32_t first{none};
    std::uint32_t last{none};
};

struct outgoing_datagram {
    std::span<const std::byte> payload;  ///< holds until it has left
    net::endpoint to;
    packet_control control{};  ///< its local address where the socket is bound to more than one
    bool dont_fragment{false};
};

class send_batch {
  public:
    static constexpr std::size_t datagrams_max = 512;

    explicit send_batch(datagram_counters& counters);

    void add(datagram_socket& through, const outgoing_datagram& datagram) noexcept;
    /// The same for a payload that does not hold: it is copied. At most 65,536 bytes.
    void add_copy(datagram_socket& through, outgoing_datagram datagram) noexcept;

    /// Everything leaves. What the kernel does not take is dropped and counted.
    void flush() noexcept;
    /// What waits for this socket leaves: it is about to be closed.
    void flush(datagram_socket& socket) noexcept;

  private:
    struct waiting {
        iovec payload;
        sockaddr_storage to;
        socklen_t to_bytes;
        packet_control control;
        packet_control_buffer control_room;
        bool dont_fragment;
        std::uint32_t next;
    };
    [[nodiscard]] static msghdr header_of(waiting& datagram, net::family family) noexcept;
    void send_run(const file_descriptor& socket, std::size_t count) noexcept;

    datagram_counters& counters_;
    std::vector<waiting> waiting_;
    std::size_t used_{0};
    std::vector<mmsghdr> headers_;
    std::vector<datagram_socket*> sockets_;  ///< those that something waits for
    std::unique_ptr<std::byte[]> kept_;
    std::size_t kept_bytes_{0};
};

}  // namespace turnix::io
