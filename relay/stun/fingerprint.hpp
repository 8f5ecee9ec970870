// FINGERPRINT: a checksum that tells STUN from other protocols on one port (RFC 8489 §14.7).
#pragma once

#include "relay/stun/message_view.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace turnix::stun {

/// CRC-32 of the message up to the attribute, xor 0x5354554E; the length field counts the attribute already.
std::uint32_t fingerprint_of(std::span<const std::byte> message) noexcept;

enum class fingerprint_state : std::uint8_t { absent, correct, wrong };

/// A message with a wrong one is dropped in silence (RFC 8489 §6.3).
[[nodiscard]] fingerprint_state check_fingerprint(const message_view& message) noexcept;

}  // namespace turnix::stun
