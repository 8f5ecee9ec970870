// Digests and MACs over a message given in parts, so that nobody copies a message together to hash it.
//
// Each thread keeps one context a function and re-keys it, which costs a third of a one-shot call; the
// context holds the last key until the next one. Any thread may call; nothing throws, a failure of OpenSSL
// ends the process.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>

namespace turnix::crypto {

using md5_digest = std::array<std::byte, 16>;
using sha1_digest = std::array<std::byte, 20>;
using sha256_digest = std::array<std::byte, 32>;

/// A message as the concatenation of its parts.
using parts = std::initializer_list<std::span<const std::byte>>;

/// For the long-term key of RFC 8489 §9.2.2 only: MD5 protects nothing by itself.
md5_digest md5(parts message) noexcept;
/// FIPS 180-4.
sha256_digest sha256(parts message) noexcept;

/// RFC 2104 with SHA-1, for MESSAGE-INTEGRITY. Keys of any length, the empty one included.
sha1_digest hmac_sha1(std::span<const std::byte> key, parts message) noexcept;
/// RFC 2104 with SHA-256. Keys of any length, the empty one included.
sha256_digest hmac_sha256(std::span<const std::byte> key, parts message) noexcept;

}  // namespace turnix::crypto
