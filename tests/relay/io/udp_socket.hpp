// A blocking UDP socket for tests, on a loopback address.
#pragma once

#include "common/net/endpoint.hpp"
#include "common/net/sockaddr.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/io/socket.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <poll.h>
#include <sys/socket.h>

namespace turnix::test {

class udp_socket {
  public:
    explicit udp_socket(const net::address& at) : socket_{io::open_relay_socket({at, 0}).value()} {}

    [[nodiscard]] net::endpoint local() const { return io::bound_endpoint(socket_); }

    void send(const net::endpoint& to, std::span<const std::byte> payload) const {
        sockaddr_storage address{};
        const socklen_t length = net::to_sockaddr(to, address);
        ::sendto(socket_.get(), payload.data(), payload.size(), 0,
                 static_cast<const sockaddr*>(static_cast<const void*>(&address)), length);
    }

    struct datagram {
        net::endpoint from;
        std::vector<std::byte> payload;
    };
    /// Nothing when none comes in time.
    [[nodiscard]] std::optional<datagram> receive(int timeout_ms = 2'000) const {
        pollfd ready{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        if (::poll(&ready, 1, timeout_ms) != 1) return std::nullopt;
        datagram received{.from = {}, .payload = std::vector<std::byte>(65'536)};
        sockaddr_storage from{};
        socklen_t length = sizeof from;
        const auto bytes = ::recvfrom(socket_.get(), received.payload.data(), received.payload.size(), 0,
                                      static_cast<sockaddr*>(static_cast<void*>(&from)), &length);
        if (bytes < 0) return std::nullopt;
        received.payload.resize(static_cast<std::size_t>(bytes));
        received.from = net::from_sockaddr(from, length).value();
        return received;
    }

  private:
    io::file_descriptor socket_;
};

}  // namespace turnix::test
