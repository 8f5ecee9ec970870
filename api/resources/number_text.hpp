// Numbers out of text.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace turnix::api {

/// The whole text as a decimal number; nothing when it is anything else, or out of the type's range.
template <class Number>
std::optional<Number> number_from(std::string_view text) noexcept {
    Number value{};
    const auto* const end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, value);
    return failure == std::errc{} && rest == end ? std::optional{value} : std::nullopt;
}

}  // namespace turnix::api
