// The fixed part of every STUN message (RFC 8489 §5).
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   |0 0|  method and class interleaved |     length of the body      |
//   |                     magic cookie 0x2112A442                     |
//   |                    transaction id (96 bits)                     |
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace turnix::stun {

inline constexpr std::size_t header_bytes = 20;
/// Type and length, ahead of every attribute's value (RFC 8489 §14).
inline constexpr std::size_t attribute_header_bytes = 4;
inline constexpr std::uint32_t magic_cookie = 0x2112a442;
/// The length field has 16 bits and counts whole words.
inline constexpr std::size_t body_bytes_max = 65532;

/// Values without a name here occur in received messages.
enum class method : std::uint16_t {
    binding = 0x001,
    allocate = 0x003,
    refresh = 0x004,
    send = 0x006,
    data = 0x007,
    create_permission = 0x008,
    channel_bind = 0x009,
    connect = 0x00a,             ///< RFC 6062
    connection_bind = 0x00b,     ///< RFC 6062
    connection_attempt = 0x00c,  ///< RFC 6062
};

enum class message_class : std::uint8_t {
    request = 0b00,
    indication = 0b01,
    success_response = 0b10,
    error_response = 0b11,
};

struct transaction_id {
    std::array<std::byte, 12> bytes{};
    friend bool operator==(const transaction_id&, const transaction_id&) noexcept = default;
};

struct message_header {
    stun::method method{method::binding};
    stun::message_class message_class{message_class::request};
    stun::transaction_id transaction_id;

    /// The same method and transaction, answered.
    [[nodiscard]] constexpr message_header success() const noexcept {
        return {method, message_class::success_response, transaction_id};
    }
    [[nodiscard]] constexpr message_header error() const noexcept {
        return {method, message_class::error_response, transaction_id};
    }
    friend bool operator==(const message_header&, const message_header&) noexcept = default;
};

/// The 14 bits of the message type: M11-M7 C1 M6-M4 C0 M3-M0 (RFC 8489 §5, figure 3).
constexpr std::uint16_t message_type(method of, message_class with) noexcept {
    const auto m = static_cast<unsigned>(of);
    const auto c = static_cast<unsigned>(with);
    return static_cast<std::uint16_t>((m & 0x00fU) | ((m & 0x070U) << 1U) | ((m & 0xf80U) << 2U) |
                                      ((c & 0b01U) << 4U) | ((c & 0b10U) << 7U));
}

constexpr method method_of(std::uint16_t message_type) noexcept {
    return static_cast<method>((message_type & 0x000fU) | ((message_type & 0x00e0U) >> 1U) |
                               ((message_type & 0x3e00U) >> 2U));
}

constexpr message_class class_of(std::uint16_t message_type) noexcept {
    return static_cast<message_class>(((message_type & 0x0010U) >> 4U) | ((message_type & 0x0100U) >> 7U));
}

}  // namespace turnix::stun
