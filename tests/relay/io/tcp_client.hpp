// A TCP client for tests, on loopback.
#pragma once

#include "common/net/endpoint.hpp"
#include "common/net/sockaddr.hpp"
#include "relay/io/file_descriptor.hpp"

#include <cstddef>
#include <span>
#include <stdexcept>
#include <vector>

#include <poll.h>
#include <sys/socket.h>

namespace turnix::test {

class tcp_client {
  public:
    explicit tcp_client(const net::endpoint& to)
        : socket_{::socket(to.address.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_storage address{};
        const socklen_t length = net::to_sockaddr(to, address);
        const auto* const generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
        if (::connect(socket_.get(), generic, length) != 0) throw std::runtime_error{"cannot connect"};
    }

    [[nodiscard]] int native() const noexcept { return socket_.get(); }

    void send(std::span<const std::byte> bytes) const {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) throw std::runtime_error{"cannot send"};
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        }
    }

    /// What is there, or comes in time; empty when nothing does or the server has closed.
    [[nodiscard]] std::vector<std::byte> receive(int timeout_ms = 2'000) const {
        pollfd ready{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        std::vector<std::byte> bytes(65'536);
        const bool some = ::poll(&ready, 1, timeout_ms) == 1;
        const auto count = some ? ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT) : 0;
        bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return bytes;
    }

    [[nodiscard]] bool is_closed_by_server(int timeout_ms = 2'000) const {
        pollfd ready{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        std::byte one{};
        return ::poll(&ready, 1, timeout_ms) == 1 &&
               ::recv(socket_.get(), &one, 1, MSG_DONTWAIT | MSG_PEEK) <= 0;
    }

  private:
    io::file_descriptor socket_;
};

}  // namespace turnix::test
