// The names in a credential: rooms, clients and regions. Their alphabets are subsets of base64url's, so that
// a character packs into 6 bits and 100 of them into 75 bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace turnix::credential {

inline constexpr std::size_t name_characters_max = 100;
inline constexpr std::size_t region_characters_max = 32;

/// A room or client name: 1 to 100 characters out of A-Z a-z 0-9 - _
bool is_name(std::string_view text) noexcept;
/// A region's slug: 1 to 32 characters out of a-z 0-9 -
bool is_region_slug(std::string_view text) noexcept;

/// Bytes that so many characters pack into.
constexpr std::size_t packed_name_bytes(std::size_t characters) noexcept { return (characters * 6 + 7) / 8; }

/// Packs characters of the base64url alphabet, most significant bits first, unused bits zero. `into` has
/// packed_name_bytes(name.size()) bytes.
void pack_name(std::string_view name, std::span<std::byte> into) noexcept;
/// Reads `characters` of them from exactly packed_name_bytes(characters) bytes; nothing when an unused bit is
/// set.
std::optional<std::string> unpack_name(std::span<const std::byte> packed, std::size_t characters);

}  // namespace turnix::credential
