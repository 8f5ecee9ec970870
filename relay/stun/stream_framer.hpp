// Finds STUN and ChannelData messages in the byte stream of a TCP or TLS connection
// (RFC 8489 §6.2.2, RFC 8656 §12.5). A pure function of the bytes that wait in the caller's buffer: nothing
// is copied, nothing is remembered. Any thread.
#pragma once

#include "relay/stun/message_header.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

namespace turnix::stun {

/// The longest frame: ChannelData of 65535 bytes with its header and padding, or a full STUN message.
inline constexpr std::size_t frame_bytes_max = header_bytes + body_bytes_max;

/// No whole message is there yet.
struct need_more {
    std::size_t
        bytes;  ///< how many more, at least one; the whole rest of the message once its header is there
    friend bool operator==(const need_more&, const need_more&) noexcept = default;
};

struct framed_message {
    std::span<const std::byte> message;  ///< without the padding of ChannelData
    std::size_t consumed;                ///< how many bytes of the buffer it took, padding included
};

/// The stream is not, or no longer, TURN: close the connection.
enum class framing_error : std::uint8_t {
    unknown_protocol,  ///< the first byte begins neither STUN nor ChannelData
    wrong_length,      ///< a STUN length that is no multiple of four
    wrong_cookie,
};

using framing = std::variant<need_more, framed_message, framing_error>;

/// `readable` begins where the last message ended; it may be empty.
[[nodiscard]] framing next_message(std::span<const std::byte> readable) noexcept;

}  // namespace turnix::stun
