// Addresses in attributes, plain and XORed with cookie and transaction id so that a NAT that rewrites
// addresses in payloads does not find them (RFC 8489 §14.1, §14.2).
//
//    0                   1                   2                   3
//   |0 0 0 0 0 0 0 0| family 1 or 2 |             port              |
//   |               address, 32 or 128 bits                         |
#pragma once

#include "common/net/endpoint.hpp"
#include "relay/stun/message_header.hpp"
#include "relay/stun/message_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace turnix::stun {

/// The family's number on the wire; values without a name occur in received messages.
enum class address_family : std::uint8_t { ipv4 = 1, ipv6 = 2 };

constexpr address_family to_wire(net::family family) noexcept {
    return family == net::family::ipv4 ? address_family::ipv4 : address_family::ipv6;
}
/// Nothing for a family that is neither.
constexpr std::optional<net::family> from_wire(address_family family) noexcept {
    if (family == address_family::ipv4) return net::family::ipv4;
    if (family == address_family::ipv6) return net::family::ipv6;
    return std::nullopt;
}

/// For MAPPED-ADDRESS, ALTERNATE-SERVER, RESPONSE-ORIGIN, OTHER-ADDRESS.
void add_address(message_writer& message, attribute_type type, const net::endpoint& endpoint) noexcept;
/// Nothing when the length does not fit the family, or the family is unknown.
[[nodiscard]] std::optional<net::endpoint> decode_address(std::span<const std::byte> value) noexcept;

/// For XOR-MAPPED-ADDRESS, XOR-PEER-ADDRESS, XOR-RELAYED-ADDRESS.
void add_xor_address(message_writer& message, attribute_type type, const net::endpoint& endpoint) noexcept;
/// `id` is that of the message the attribute stands in.
[[nodiscard]] std::optional<net::endpoint> decode_xor_address(std::span<const std::byte> value,
                                                              const transaction_id& id) noexcept;

}  // namespace turnix::stun
