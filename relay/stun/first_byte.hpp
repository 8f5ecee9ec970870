// Which protocol a message belongs to, by its first byte (RFC 7983 §7, RFC 8656 §12).
#pragma once

#include <cstddef>
#include <cstdint>

namespace turnix::stun {

enum class protocol : std::uint8_t { stun, channel_data, other };

constexpr protocol protocol_of(std::byte first_byte) noexcept {
    const auto value = std::to_integer<unsigned>(first_byte);
    if (value <= 3) return protocol::stun;
    if (value >= 0x40 && value <= 0x4f) return protocol::channel_data;
    return protocol::other;
}

}  // namespace turnix::stun
