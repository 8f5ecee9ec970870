#include "relay/stun/error_code.hpp"

#include "relay/stun/address_attribute.hpp"
#include "relay/stun/bytes.hpp"

#include <array>

namespace turnix::stun {
namespace {

void write(byte_writer& value, error_code code) noexcept {
    const auto number = static_cast<unsigned>(code);
    value.u8(static_cast<std::uint8_t>(number / 100));
    value.u8(static_cast<std::uint8_t>(number % 100));
}

}  // namespace

std::string_view to_string(error_code value) noexcept {
    switch (value) {
        case error_code::try_alternate:
            return "Try Alternate";
        case error_code::bad_request:
            return "Bad Request";
        case error_code::unauthenticated:
            return "Unauthenticated";
        case error_code::forbidden:
            return "Forbidden";
        case error_code::mobility_forbidden:
            return "Mobility Forbidden";
        case error_code::unknown_attribute:
            return "Unknown Attribute";
        case error_code::allocation_mismatch:
            return "Allocation Mismatch";
        case error_code::stale_nonce:
            return "Stale Nonce";
        case error_code::address_family_not_supported:
            return "Address Family not Supported";
        case error_code::wrong_credentials:
            return "Wrong Credentials";
        case error_code::unsupported_transport_protocol:
            return "Unsupported Transport Protocol";
        case error_code::peer_address_family_mismatch:
            return "Peer Address Family Mismatch";
        case error_code::connection_already_exists:
            return "Connection Already Exists";
        case error_code::connection_timeout_or_failure:
            return "Connection Timeout or Failure";
        case error_code::allocation_quota_reached:
            return "Allocation Quota Reached";
        case error_code::server_error:
            return "Server Error";
        case error_code::insufficient_capacity:
            return "Insufficient Capacity";
    }
    return "Unknown";
}

void add_error_code(message_writer& message, error_code code) noexcept {
    std::array<std::byte, 4> storage{};
    byte_writer value{storage};
    value.u16(0);
    write(value, code);
    message.add(attribute_type::error_code, storage);
}

std::optional<error_code> decode_error_code(std::span<const std::byte> value) noexcept {
    constexpr unsigned class_bits = 0x07;
    byte_reader reader{value};
    reader.u16();
    const auto hundreds = reader.u8() & class_bits;
    const auto number = reader.u8();
    if (reader.failed() || hundreds < 3 || hundreds > 6 || number > 99) return std::nullopt;
    return static_cast<error_code>(hundreds * 100 + number);
}

void add_address_error_code(message_writer& message, net::family family, error_code code) noexcept {
    std::array<std::byte, 4> storage{};
    byte_writer value{storage};
    value.u8(static_cast<std::uint8_t>(to_wire(family)));
    value.u8(0);
    write(value, code);
    message.add(attribute_type::address_error_code, storage);
}

}  // namespace turnix::stun
