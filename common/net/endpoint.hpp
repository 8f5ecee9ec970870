// Address and port; and the transports between a client and this server.
#pragma once

#include "common/net/address.hpp"

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace turnix::net {

struct endpoint {
    net::address address;
    std::uint16_t port{0};

    /// "192.0.2.1:3478" or "[2001:db8::1]:3478"; the port is required.
    static result<endpoint, parse_error> parse(std::string_view text) noexcept;
    [[nodiscard]] std::string to_string() const;

    friend constexpr auto operator<=>(const endpoint&, const endpoint&) noexcept = default;
};

/// What carries TURN between client and server.
enum class transport : std::uint8_t { udp, tcp, tls, dtls };

/// "udp", "tcp", "tls", "dtls".
std::string_view to_string(transport value) noexcept;

/// Streams deliver bytes in order and keep a connection; datagram transports do not.
constexpr bool is_stream(transport value) noexcept {
    return value == transport::tcp || value == transport::tls;
}

}  // namespace turnix::net

template <>
struct std::hash<turnix::net::endpoint> {
    std::size_t operator()(const turnix::net::endpoint& value) const noexcept;
};
