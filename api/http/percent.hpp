// Percent-encoding (RFC 3986 §2.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace turnix::http {

/// What a plus sign stands for: itself in a path, a space in a query or a form.
enum class plus_sign : std::uint8_t { plus, space };

/// Nothing when an escape is broken, or it is not UTF-8.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text, plus_sign plus);
/// Everything but letters, digits, - . _ and ~ becomes an escape: fit for a path's segment and a query's
/// value.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace turnix::http
