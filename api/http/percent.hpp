// Percent-encoding (RFC 3986 §2.1), read only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace turnix::http {

/// What a plus sign stands for: itself in a path, a space in a query or a form.
enum class plus_sign : std::uint8_t { plus, space };

/// Nothing when an escape is broken.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text, plus_sign plus);

}  // namespace turnix::http
