// ERROR-CODE and ADDRESS-ERROR-CODE (RFC 8489 §14.8, RFC 8656 §18.12) and the codes of the RFCs we serve.
#pragma once

#include "common/net/address.hpp"
#include "relay/stun/message_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace turnix::stun {

/// Values without a name here occur in received messages: 300 to 699.
enum class error_code : std::uint16_t {
    try_alternate = 300,
    bad_request = 400,
    unauthenticated = 401,
    forbidden = 403,
    mobility_forbidden = 405,  ///< RFC 8016
    unknown_attribute = 420,
    allocation_mismatch = 437,
    stale_nonce = 438,
    address_family_not_supported = 440,
    wrong_credentials = 441,
    unsupported_transport_protocol = 442,
    peer_address_family_mismatch = 443,
    connection_already_exists = 446,      ///< RFC 6062
    connection_timeout_or_failure = 447,  ///< RFC 6062
    allocation_quota_reached = 486,
    server_error = 500,
    insufficient_capacity = 508,
};

/// The RFC's reason phrase, for logs. It is not sent: answers to strangers stay small.
std::string_view to_string(error_code value) noexcept;

/// ERROR-CODE with an empty reason phrase, which RFC 8489 allows (0 to 127 characters).
void add_error_code(message_writer& message, error_code code) noexcept;
/// Nothing when it is too short or names no code between 300 and 699.
[[nodiscard]] std::optional<error_code> decode_error_code(std::span<const std::byte> value) noexcept;

/// ADDRESS-ERROR-CODE: why an Allocate for both families got none of this one.
void add_address_error_code(message_writer& message, net::family family, error_code code) noexcept;

}  // namespace turnix::stun
