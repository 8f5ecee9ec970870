// Times as the API writes and reads them: ISO 8601, UTC, "2026-01-06T15:14:22.277Z".
#pragma once

#include "common/clock/instant.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace turnix::api {

/// With milliseconds.
[[nodiscard]] std::string to_iso_time(wall_time time);
/// Takes what to_iso_time gives, and the same without the fraction.
[[nodiscard]] std::optional<wall_time> parse_iso_time(std::string_view text) noexcept;

}  // namespace turnix::api
