// What leaves from one relay address, whatever its ports: a raw socket, headers by us, one sendmmsg for all
// allocations (IP_HDRINCL, IPV6_HDRINCL).
//
// A raw socket refuses what is larger than the link's MTU, where a UDP socket fragments. Such datagrams are
// kept aside until the engine takes them. Owned by an engine, used on its worker's thread. Allocates when
// made and never again.
#pragma once

#include "common/net/address.hpp"
#include "relay/io/counters.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/io/udp_packet.hpp"
#include "relay/turn/routes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

namespace turnix::io {

struct raw_datagram {
    turn::to_peer what;  ///< the payload holds until it has left
    std::uint16_t source_port{0};
    std::uint8_t traffic_class{0};
};

/// A datagram that the link does not take whole.
struct oversized_datagram {
    raw_datagram datagram;
    std::uint32_t mtu{0};  ///< 0: not known
};

class raw_sender {
  public:
    static constexpr std::size_t datagrams_max = 256;

    /// Throws std::system_error: without CAP_NET_RAW, or when the address is not one of this host.
    raw_sender(const net::address& local, datagram_counters& counters);

    void add(const raw_datagram& datagram) noexcept;
    /// Everything leaves. What the kernel does not take is dropped and counted, or is oversized.
    void flush() noexcept;

    /// Those since the last clear_oversized; their payloads hold as long as ever.
    [[nodiscard]] std::span<const oversized_datagram> oversized() const noexcept { return oversized_; }
    void clear_oversized() noexcept { oversized_.clear(); }

  private:
    struct waiting {
        raw_datagram datagram;
        udp_header_buffer headers;
        std::array<iovec, 2> parts;  ///< headers, payload
        sockaddr_storage to;
    };
    void refuse(const raw_datagram& datagram, int error) noexcept;
    void set_aside(const raw_datagram& datagram) noexcept;

    net::address local_;
    datagram_counters& counters_;
    file_descriptor socket_;
    std::vector<waiting> waiting_;
    std::vector<mmsghdr> messages_;
    std::size_t used_{0};
    std::vector<oversized_datagram> oversized_;
};

}  // namespace turnix::io
