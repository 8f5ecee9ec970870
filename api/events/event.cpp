#include "api/events/event.hpp"

#include <algorithm>
#include <array>

namespace turnix::events {

namespace {

/// By the enum's values.
constexpr std::array<std::string_view, 6> names{"session.started", "session.ended", "credential.revoked",
                                                "quota.exceeded",  "region.down",   "region.up"};
static_assert(names.size() == static_cast<std::size_t>(event_kind::region_up) + 1);

}  // namespace

std::string_view to_string(event_kind value) noexcept { return names.at(static_cast<std::size_t>(value)); }

std::optional<event_kind> event_kind_from(std::string_view text) noexcept {
    const auto* const found = std::ranges::find(names, text);
    if (found == names.end()) return std::nullopt;
    return static_cast<event_kind>(found - names.begin());
}

}  // namespace turnix::events
