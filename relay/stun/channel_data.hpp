// ChannelData: application data behind four bytes of header (RFC 8656 §12.4).
//
//    0                   1                   2                   3
//   |        channel number         |   length without padding      |
//   |                    application data ...                       |
#pragma once

#include "common/net/result.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>

namespace turnix::stun {

inline constexpr std::size_t channel_data_header_bytes = 4;

struct channel_number {
    std::uint16_t value{0};

    /// RFC 8656 §12: 0x4000 to 0x4FFF.
    [[nodiscard]] constexpr bool is_valid() const noexcept { return value >= 0x4000 && value <= 0x4fff; }
    friend constexpr auto operator<=>(channel_number, channel_number) noexcept = default;
};

/// All of them are met with silence.
enum class channel_data_error : std::uint8_t {
    too_short,               ///< fewer than 4 bytes
    no_channel,              ///< the number is outside the range
    length_beyond_datagram,  ///< more is claimed than was received
};
/// What result::value() throws, outside the data path: std::invalid_argument.
[[noreturn]] void throw_exception_from_error(channel_data_error error, const boost::source_location& where);

struct channel_data {
    channel_number channel;
    std::span<const std::byte> payload;  ///< into what was parsed; may be empty

    /// One datagram, or one framed message of a stream. Bytes beyond the length are padding and ignored.
    static result<channel_data, channel_data_error> parse(std::span<const std::byte> datagram) noexcept;
};

/// `payload_bytes` at most 65535; over a stream the payload is followed by padding_after(payload_bytes)
/// zeros.
[[nodiscard]] std::array<std::byte, channel_data_header_bytes> channel_data_header(
    channel_number channel, std::uint16_t payload_bytes) noexcept;

}  // namespace turnix::stun
