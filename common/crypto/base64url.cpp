#include "common/crypto/base64url.hpp"

#include <array>
#include <cassert>
#include <cstdint>

namespace turnix::crypto {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t not_in_alphabet = 0xff;

constexpr auto values = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(not_in_alphabet);
    for (std::size_t value = 0; value < alphabet.size(); ++value) {
        table[static_cast<std::uint8_t>(alphabet[value])] = static_cast<std::uint8_t>(value);
    }
    return table;
}();

}  // namespace

std::string base64url_encode(std::span<const std::byte> bytes) {
    std::string text(base64url_length(bytes.size()), '\0');
    base64url_encode(bytes, text);
    return text;
}

std::string_view base64url_encode(std::span<const std::byte> bytes, std::span<char> out) noexcept {
    assert(out.size() >= base64url_length(bytes.size()));
    std::size_t written = 0;
    std::uint32_t pending = 0;
    unsigned pending_bits = 0;
    for (const auto byte : bytes) {
        pending = (pending << 8U) | std::to_integer<std::uint32_t>(byte);
        pending_bits += 8;
        while (pending_bits >= 6) {
            pending_bits -= 6;
            out[written++] = alphabet[(pending >> pending_bits) & 0x3fU];
        }
    }
    if (pending_bits > 0) out[written++] = alphabet[(pending << (6 - pending_bits)) & 0x3fU];
    return {out.data(), written};
}

std::optional<std::span<const std::byte>> base64url_decode(std::string_view text,
                                                           std::span<std::byte> out) noexcept {
    if (text.size() % 4 == 1) return std::nullopt;
    const auto length = text.size() / 4 * 3 + text.size() % 4 * 3 / 4;
    if (length > out.size()) return std::nullopt;

    std::size_t written = 0;
    std::uint32_t pending = 0;
    unsigned pending_bits = 0;
    for (const auto character : text) {
        const auto value = values[static_cast<std::uint8_t>(character)];
        if (value == not_in_alphabet) return std::nullopt;
        pending = (pending << 6U) | value;
        pending_bits += 6;
        if (pending_bits < 8) continue;
        pending_bits -= 8;
        out[written++] = std::byte((pending >> pending_bits) & 0xffU);
    }
    const auto bits_beyond_last_byte = pending & ((1U << pending_bits) - 1U);
    if (bits_beyond_last_byte != 0) return std::nullopt;
    return out.first(written);
}

}  // namespace turnix::crypto
