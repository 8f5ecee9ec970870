#include "common/credential/identifiers.hpp"

#include "common/crypto/random.hpp"

namespace turnix::detail {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

}  // namespace

identifier_bytes random_identifier() {
    identifier_bytes bytes{};
    crypto::fill_random(std::as_writable_bytes(std::span{bytes}));
    return bytes;
}

std::string identifier_to_text(const identifier_bytes& bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const unsigned byte : bytes) {
        text.push_back(digits[byte >> 4U]);
        text.push_back(digits[byte & 0x0fU]);
    }
    return text;
}

std::optional<identifier_bytes> identifier_from_text(std::string_view text) noexcept {
    identifier_bytes bytes{};
    if (text.size() != 2 * bytes.size()) return std::nullopt;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto high = digits.find(text[2 * i]);
        const auto low = digits.find(text[2 * i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
        bytes[i] = static_cast<std::uint8_t>((high << 4U) | low);
    }
    return bytes;
}

}  // namespace turnix::detail
