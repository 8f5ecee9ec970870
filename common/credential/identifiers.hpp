// 128-bit identifiers, one type for each thing that has one, so that they cannot be confused.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace turnix {

namespace detail {
using identifier_bytes = std::array<std::uint8_t, 16>;
/// From the system's generator.
identifier_bytes random_identifier();
/// 32 lower-case hexadecimal digits.
std::string identifier_to_text(const identifier_bytes& bytes);
std::optional<identifier_bytes> identifier_from_text(std::string_view text) noexcept;
}  // namespace detail

template <class Tag>
struct identifier {
    detail::identifier_bytes bytes{};

    static identifier random() { return {detail::random_identifier()}; }
    /// Takes exactly what to_string gives.
    static std::optional<identifier> parse(std::string_view text) noexcept {
        const auto parsed = detail::identifier_from_text(text);
        return parsed ? std::optional{identifier{*parsed}} : std::nullopt;
    }
    [[nodiscard]] std::string to_string() const { return detail::identifier_to_text(bytes); }

    friend auto operator<=>(const identifier&, const identifier&) noexcept = default;
};

using organisation_id = identifier<struct organisation_tag>;
using project_id = identifier<struct project_tag>;
using token_id = identifier<struct token_tag>;
using credential_id = identifier<struct credential_tag>;
/// A session is one allocation from its start to its end, as operators and usage records see it.
using session_id = identifier<struct session_tag>;

}  // namespace turnix

/// Identifiers are random: their first bytes are hash enough.
template <class Tag>
struct std::hash<turnix::identifier<Tag>> {
    std::size_t operator()(const turnix::identifier<Tag>& value) const noexcept {
        std::size_t first{};
        std::memcpy(&first, value.bytes.data(), sizeof first);
        return first;
    }
};
