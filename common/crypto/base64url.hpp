// base64url without padding (RFC 4648 §5), one text for each sequence of bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace turnix::crypto {

/// How many characters that many bytes become.
constexpr std::size_t base64url_length(std::size_t bytes) noexcept {
    return bytes / 3 * 4 + (bytes % 3 == 0 ? 0 : bytes % 3 + 1);
}

[[nodiscard]] std::string base64url_encode(std::span<const std::byte> bytes);

/// Writes to the front of `out`, which holds at least base64url_length(bytes.size()) characters, and returns
/// what was written.
std::string_view base64url_encode(std::span<const std::byte> bytes, std::span<char> out) noexcept;

/// Writes to the front of `out` and returns what was written. Nothing when the text has a character of
/// another alphabet, an impossible length or bits set beyond its last byte, or when `out` is too small.
[[nodiscard]] std::optional<std::span<const std::byte>> base64url_decode(std::string_view text,
                                                                         std::span<std::byte> out) noexcept;

}  // namespace turnix::crypto
