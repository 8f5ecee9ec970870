// Times as the API writes and reads them: ISO 8601, UTC, "2026-01-06T15:14:22.277Z".
#pragma once

#include "common/clock/instant.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace turnix::api {

/// With milliseconds.
[[nodiscard]] std::string to_iso_time(wall_time time);
/// Nothing when it is beyond what a wall_time can say: some day of 1677 to some day of 2262.
[[nodiscard]] std::optional<wall_time> to_wall_time(
    std::chrono::sys_time<std::chrono::milliseconds> at) noexcept;
/// Takes what to_iso_time gives, and the same without the fraction; of the years 1678 to 2261.
[[nodiscard]] std::optional<wall_time> parse_iso_time(std::string_view text) noexcept;

}  // namespace turnix::api
