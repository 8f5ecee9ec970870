// A hash whose collisions only the holder of the key can find (SipHash-2-4, Aumasson and Bernstein 2012), for
// tables that strangers fill. Pure, any thread.
#pragma once

#include "common/crypto/secret.hpp"

#include <array>
#include <cstdint>

namespace turnix::turn {

/// SipHash-2-4 of a message of exactly 16 bytes, given as two little-endian words.
[[nodiscard]] std::uint64_t keyed_hash(const crypto::secret<16>& key,
                                       const std::array<std::uint64_t, 2>& message) noexcept;

}  // namespace turnix::turn
