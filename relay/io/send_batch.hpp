// Datagrams that wait for the end of the batch, chained by socket, and their way to the kernel: in one
// sendmmsg for each socket, or in one call for all of them through a message_carrier. What goes to one
// destination in equal sizes leaves joined (UDP_SEGMENT).
//
// Owned by an engine, used on its worker's thread. Allocates when made and never again.
#pragma once

#include "common/net/endpoint.hpp"
#include "relay/io/counters.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/io/message_carrier.hpp"
#include "relay/io/packet_control.hpp"
#include "relay/turn/routes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <sys/socket.h>

namespace turnix::io {

/// A socket and what waits to leave through it. Must not move while something waits.
struct datagram_socket {
    static constexpr std::uint32_t none = UINT32_MAX;

    file_descriptor descriptor;
    net::family family{net::family::ipv4};
    std::uint32_t key{none};    ///< what its engine knows it by
    bool dont_fragment{false};  ///< as the socket is set at this moment
    std::uint32_t first{none};
    std::uint32_t last{none};
};

struct outgoing_datagram {
    std::span<const std::byte> header{};  ///< goes first: copied, at most turn::to_client::header_bytes_max
    std::span<const std::byte> payload;   ///< holds until it has left
    std::uint8_t padding{0};              ///< zeros that follow, at most 3
    net::endpoint to;
    packet_control control{};  ///< its local address where the socket is bound to more than one
    bool dont_fragment{false};
};

/// One at once, where there is no batch to join; false when the kernel refuses it. DF stays as the socket is
/// set.
bool send_datagram(const file_descriptor& socket, const outgoing_datagram& datagram) noexcept;

class send_batch {
  public:
    static constexpr std::size_t datagrams_max = 512;

    /// Without a carrier: by sendmmsg.
    explicit send_batch(datagram_counters& counters, std::unique_ptr<message_carrier> carrier = nullptr);

    void add(datagram_socket& through, const outgoing_datagram& datagram) noexcept;
    /// The same for a payload that does not hold: it is copied. At most 65,536 bytes.
    void add_copy(datagram_socket& through, outgoing_datagram datagram) noexcept;

    /// Everything leaves. What the kernel does not take is dropped and counted.
    void flush() noexcept;
    /// What waits for this socket leaves: it is about to be closed.
    void flush(datagram_socket& socket) noexcept;

    /// Where the oldest datagram to that address was to go that the socket refused as too big for the link,
    /// with DF set; each is told once, while the kernel's own reports may come twice and lack the port.
    [[nodiscard]] std::optional<net::endpoint> take_too_big(const datagram_socket& socket,
                                                            const net::address& to) noexcept;
    /// Nobody asks for the socket's any more.
    void forget_too_big(const datagram_socket& socket) noexcept;

    /// Keys of the sockets through which a carrier was told of an error since they were last taken: their
    /// error queues may say more. Exchanges the lists.
    void take_troubled(std::vector<std::uint32_t>& into) noexcept { into.swap(troubled_); }

  private:
    /// Header, payload, padding.
    static constexpr std::size_t parts_max = 3;
    struct waiting {
        std::array<std::byte, turn::to_client::header_bytes_max> header;
        std::array<iovec, parts_max> parts;
        std::size_t bytes;
        sockaddr_storage to;
        socklen_t to_bytes;
        packet_control control;
        bool dont_fragment;
        std::uint32_t next;
    };
    struct too_big {
        const datagram_socket* socket;
        net::endpoint to;
    };
    /// A datagram, or several that leave joined: they follow each other in the chain.
    struct message {
        const datagram_socket* through;
        std::uint32_t first;
        std::uint32_t datagrams;
        packet_control_buffer control_room;
    };

    /// What waits for the socket becomes messages, all with the same DF.
    void gather_all(datagram_socket& socket) noexcept;
    /// Appends a message that begins with that datagram; the first datagram after it.
    std::uint32_t gather(const datagram_socket& socket, std::uint32_t first) noexcept;
    void append(std::uint32_t index) noexcept;
    void write_header(message& of, net::family family) noexcept;
    [[nodiscard]] bool may_join(const waiting& first, const waiting& next) const noexcept;
    /// Gives the kernel the messages gathered so far.
    void send_gathered() noexcept;
    void send_carried() noexcept;
    void send_through(const datagram_socket& socket) noexcept;
    /// What the carrier could not do.
    void send_again(std::uint32_t index, int error) noexcept;
    void send_apart(const message& refused) noexcept;
    void refuse(const message& refused, int error) noexcept;
    void refuse(const datagram_socket& socket, const waiting& refused, int error) noexcept;
    /// For each datagram of these messages.
    void count(datagram_event event, std::size_t first, std::size_t end) noexcept;

    datagram_counters& counters_;
    std::unique_ptr<message_carrier> carrier_;
    std::vector<waiting> waiting_;
    std::size_t used_{0};
    std::vector<datagram_socket*> sockets_;  ///< those that something waits for
    std::vector<message> messages_;          ///< gathered
    std::vector<mmsghdr> headers_;           ///< of these messages
    std::vector<iovec> parts_;               ///< of these messages
    std::size_t gathered_{0};
    std::size_t parts_used_{0};
    bool joins_{true};  ///< until the kernel says that it cannot
    std::unique_ptr<std::byte[]> kept_;
    std::size_t kept_bytes_{0};
    std::vector<too_big> too_big_;
    std::vector<std::uint32_t> troubled_;
};

}  // namespace turnix::io
