// Datagrams as one recvmmsg took them, and those that leave for them in one sendmmsg; their payloads stay
// where they came. IPv4. Not thread-safe.
#pragma once

#include "common/net/endpoint.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/io/packet_control.hpp"
#include "relay/io/udp_packet.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

namespace turnix::bench {

sockaddr_in to_ipv4(const net::endpoint& from);
net::endpoint from_ipv4(const sockaddr_in& from);

class datagram_run {
  public:
    static constexpr std::size_t datagrams_max = 128;

    datagram_run();

    /// How many there were; what was there before is gone.
    std::size_t receive(const io::file_descriptor& from);
    [[nodiscard]] std::span<const std::byte> payload(std::size_t index) const;
    [[nodiscard]] const sockaddr_in& source(std::size_t index) const { return sources_[index]; }
    /// The port that it was steered from.
    [[nodiscard]] std::uint16_t steered_from(std::size_t index);

    /// The payload must hold until send; at most one for each datagram received.
    void add(std::span<const std::byte> header, std::span<const std::byte> payload, const sockaddr_in& to);
    void send(const io::file_descriptor& through);

  private:
    static constexpr std::size_t datagram_bytes = 2'048;

    struct outgoing {
        io::udp_header_buffer header;
        std::array<iovec, 2> parts;
        sockaddr_in to;
    };

    std::vector<std::byte> memory_;
    std::vector<iovec> parts_;
    std::vector<sockaddr_in> sources_;
    std::vector<io::packet_control_buffer> control_;
    std::vector<mmsghdr> received_;
    std::vector<outgoing> outgoing_;
    std::vector<mmsghdr> sent_;
    std::size_t added_{0};
};

}  // namespace turnix::bench
