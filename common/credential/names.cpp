#include "common/credential/names.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>

namespace turnix::credential {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned bits_a_character = 6;
constexpr unsigned bits_a_byte = 8;
static_assert(alphabet.size() == 1U << bits_a_character);

constexpr std::uint8_t no_character = 0xff;
constexpr auto character_values = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_character);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}();

constexpr std::uint8_t value_of(char character) noexcept {
    return character_values[static_cast<unsigned char>(character)];
}

constexpr bool is_slug_character(char character) noexcept {
    return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') ||
           character == '-';
}

}  // namespace

bool is_name(std::string_view text) noexcept {
    return !text.empty() && text.size() <= name_characters_max &&
           std::ranges::all_of(text, [](char character) { return value_of(character) != no_character; });
}

bool is_region_slug(std::string_view text) noexcept {
    return !text.empty() && text.size() <= region_characters_max &&
           std::ranges::all_of(text, is_slug_character);
}

void pack_name(std::string_view name, std::span<std::byte> into) noexcept {
    assert(into.size() == packed_name_bytes(name.size()));
    unsigned pending = 0;
    unsigned pending_bits = 0;
    auto out = into.begin();
    for (const char character : name) {
        assert(value_of(character) != no_character);
        pending = (pending << bits_a_character) | value_of(character);
        pending_bits += bits_a_character;
        if (pending_bits >= bits_a_byte) {
            pending_bits -= bits_a_byte;
            *out++ = static_cast<std::byte>(pending >> pending_bits);
            pending &= (1U << pending_bits) - 1U;
        }
    }
    if (pending_bits != 0) *out = static_cast<std::byte>(pending << (bits_a_byte - pending_bits));
}

std::optional<std::string> unpack_name(std::span<const std::byte> packed, std::size_t characters) {
    assert(packed.size() == packed_name_bytes(characters));
    std::string name;
    name.reserve(characters);
    unsigned pending = 0;
    unsigned pending_bits = 0;
    auto in = packed.begin();
    while (name.size() < characters) {
        if (pending_bits < bits_a_character) {
            pending = (pending << bits_a_byte) | std::to_integer<unsigned>(*in++);
            pending_bits += bits_a_byte;
        }
        pending_bits -= bits_a_character;
        name.push_back(alphabet[pending >> pending_bits]);
        pending &= (1U << pending_bits) - 1U;
    }
    if (pending != 0) return std::nullopt;
    return name;
}

}  // namespace turnix::credential
