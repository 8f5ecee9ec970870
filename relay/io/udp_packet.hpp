// The IP and UDP headers of datagrams that leave through a raw socket.
//
//   | IPv4 (20 bytes) or IPv6 (40 bytes) | UDP (8 bytes) |     RFC 791, RFC 8200 §3, RFC 768
//
// Values only; any thread.
#pragma once

#include "common/net/endpoint.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace turnix::io {

inline constexpr std::size_t ipv4_udp_header_bytes = 28;
inline constexpr std::size_t ipv6_udp_header_bytes = 48;
using udp_header_buffer = std::array<std::byte, ipv6_udp_header_bytes>;

/// What fits behind the headers.
[[nodiscard]] constexpr std::size_t udp_payload_bytes_max(net::family family) noexcept {
    return 65'535 - (family == net::family::ipv4 ? ipv4_udp_header_bytes : 8U);
}

struct udp_packet {
    net::endpoint from;
    net::endpoint to;  ///< of the same family
    std::span<const std::byte> payload;
    std::uint8_t traffic_class{0};  ///< DSCP and ECN
    bool dont_fragment{false};      ///< in IPv6 nobody but the sender fragments anyway
};

/// Writes the headers, with a TTL or hop limit of 64 and the UDP checksum, and returns them. The kernel fills
/// in IPv4's own checksum and identification.
std::span<const std::byte> write_udp_headers(udp_header_buffer& into, const udp_packet& packet) noexcept;

/// The ones' complement sum of big-endian 16-bit words (RFC 1071), folded, over bytes that begin at an even
/// place of the message; an odd last byte counts as if a zero followed.
[[nodiscard]] std::uint16_t internet_sum(std::span<const std::byte> bytes) noexcept;

}  // namespace turnix::io
