// Where a country is, for GeoIP files that know no more: near enough to tell regions apart.
#pragma once

#include "api/fleet/coordinates.hpp"

#include <optional>
#include <string_view>

namespace turnix::fleet {

/// The middle of the country with these two upper-case letters (ISO 3166-1 alpha-2).
[[nodiscard]] std::optional<coordinates> country_centroid(std::string_view code) noexcept;

}  // namespace turnix::fleet
