// What stands in the IP headers of datagrams to a port, read with a raw socket: needs CAP_NET_RAW.
#pragma once

#include "relay/io/file_descriptor.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace turnix::test {

/// IPv4 on loopback.
class ip_header_reader {
  public:
    ip_header_reader() : socket_{::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP)} {}

    /// False without the privilege.
    [[nodiscard]] bool is_open() const { return socket_.is_open(); }

    /// The DF bit of the next datagram to that port; nothing when none comes in time.
    [[nodiscard]] std::optional<bool> next_dont_fragment(std::uint16_t port) const {
        constexpr std::size_t flags_at = 6;
        constexpr std::size_t port_at = 22;
        for (pollfd ready{.fd = socket_.get(), .events = POLLIN, .revents = 0};
             ::poll(&ready, 1, 2'000) == 1;) {
            std::array<std::uint8_t, 2048> packet{};
            if (::recv(socket_.get(), packet.data(), packet.size(), 0) < 28) return std::nullopt;
            if ((packet[port_at] << 8 | packet[port_at + 1]) == port) return (packet[flags_at] & 0x40) != 0;
        }
        return std::nullopt;
    }

  private:
    io::file_descriptor socket_;
};

}  // namespace turnix::test
