// The attributes whose value is one number or a short list of them, written and read (RFC 8489 §14,
// RFC 8656 §18). A decoder yields nothing when the length is wrong, which is a 400; whether the value is
// acceptable is the caller's to decide. Reserved bytes are sent as zero and ignored when received.
#pragma once

#include "common/net/address.hpp"
#include "relay/stun/address_attribute.hpp"
#include "relay/stun/channel_data.hpp"
#include "relay/stun/message_view.hpp"
#include "relay/stun/message_writer.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace turnix::stun {

/// USERNAME, REALM, NONCE, SOFTWARE, ALTERNATE-DOMAIN: UTF-8 by the RFC, any bytes from a stranger.
[[nodiscard]] std::string_view decode_text(std::span<const std::byte> value) noexcept;

/// LIFETIME, 0 to 2^32 - 1 s; what is beyond is sent as the maximum.
void add_lifetime(message_writer& message, std::chrono::seconds lifetime) noexcept;
[[nodiscard]] std::optional<std::chrono::seconds> decode_lifetime(std::span<const std::byte> value) noexcept;

/// CHANNEL-NUMBER; ask `is_valid` before using it.
void add_channel_number(message_writer& message, channel_number channel) noexcept;
[[nodiscard]] std::optional<channel_number> decode_channel_number(std::span<const std::byte> value) noexcept;

/// REQUESTED-TRANSPORT: an IP protocol number; values without a name occur in received messages.
enum class transport_protocol : std::uint8_t { tcp = 6, udp = 17 };
void add_requested_transport(message_writer& message, transport_protocol protocol) noexcept;
[[nodiscard]] std::optional<transport_protocol> decode_requested_transport(
    std::span<const std::byte> value) noexcept;

/// REQUESTED-ADDRESS-FAMILY and ADDITIONAL-ADDRESS-FAMILY.
void add_address_family(message_writer& message, attribute_type type, net::family family) noexcept;
[[nodiscard]] std::optional<address_family> decode_address_family(std::span<const std::byte> value) noexcept;

/// EVEN-PORT: true when the R bit asks to reserve the next port.
void add_even_port(message_writer& message, bool reserve_next) noexcept;
[[nodiscard]] std::optional<bool> decode_even_port(std::span<const std::byte> value) noexcept;

/// RESERVATION-TOKEN, written with `message_writer::add`.
using reservation_token = std::array<std::byte, 8>;
[[nodiscard]] std::optional<reservation_token> decode_reservation_token(
    std::span<const std::byte> value) noexcept;

/// CONNECTION-ID (RFC 6062 §6.2.1): which of the node's connections with peers is meant.
struct connection_id {
    std::uint32_t value{0};
    friend bool operator==(connection_id, connection_id) noexcept = default;
};
void add_connection_id(message_writer& message, connection_id id) noexcept;
[[nodiscard]] std::optional<connection_id> decode_connection_id(std::span<const std::byte> value) noexcept;

/// UNKNOWN-ATTRIBUTES of a 420.
void add_unknown_attributes(message_writer& message, const unknown_attributes& unknown) noexcept;

/// PASSWORD-ALGORITHM and PASSWORD-ALGORITHMS, both without parameters; values without a name occur in
/// received messages.
enum class password_algorithm : std::uint16_t { md5 = 1, sha256 = 2 };
void add_password_algorithm(message_writer& message, password_algorithm algorithm) noexcept;
[[nodiscard]] std::optional<password_algorithm> decode_password_algorithm(
    std::span<const std::byte> value) noexcept;
void add_password_algorithms(message_writer& message,
                             std::span<const password_algorithm> algorithms) noexcept;
/// Does a client echo exactly the list that it was offered (RFC 8489 §9.2.4)?
[[nodiscard]] bool is_password_algorithms(std::span<const std::byte> value,
                                          std::span<const password_algorithm> offered) noexcept;

/// CHANGE-REQUEST (RFC 5780 §7.2): what is to differ in the place that the answer leaves from.
struct change_request {
    bool address{false};
    bool port{false};
};
void add_change_request(message_writer& message, const change_request& change) noexcept;
[[nodiscard]] std::optional<change_request> decode_change_request(std::span<const std::byte> value) noexcept;

/// ICMP (RFC 8656 §18.13): what came back for a datagram to a peer.
struct icmp_error {
    std::uint8_t type;  ///< the attribute has 7 bits for it
    std::uint16_t code;
    std::uint32_t data;  ///< MTU where the type and code carry one, else 0
};
/// Is it that the datagram was too big for a link? (RFC 8656 §18.13)
[[nodiscard]] bool carries_mtu(net::family family, const icmp_error& error) noexcept;
void add_icmp(message_writer& message, const icmp_error& error) noexcept;

}  // namespace turnix::stun
