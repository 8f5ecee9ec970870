// HKDF with SHA-256 (RFC 5869), extract and expand: independent keys from one secret, one label a purpose.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace turnix::crypto {

struct hkdf_input {
    std::span<const std::byte> secret;  ///< input keying material, not empty
    std::span<const std::byte> salt;    ///< may be empty
    std::string_view label;             ///< `info` in the RFC: names the purpose
};

/// Fills `key`, at most 255 × 32 bytes. Any thread.
void hkdf_sha256(const hkdf_input& input, std::span<std::byte> key) noexcept;

}  // namespace turnix::crypto
