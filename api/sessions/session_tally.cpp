#include "api/sessions/session_tally.hpp"

#include <algorithm>
#include <variant>

namespace turnix::sessions {

void session_tally::count(std::span<const contract::session_event> events) noexcept {
    for (const auto& event : events) {
        if (const auto* const began = std::get_if<contract::session_started>(&event)) {
            started_[static_cast<std::size_t>(began->transport)].add();
        } else if (const auto* const end = std::get_if<contract::session_ended>(&event)) {
            ended_[static_cast<std::size_t>(end->reason)].add();
        }
    }
}

session_totals session_tally::totals() const noexcept {
    session_totals totals;
    std::ranges::transform(started_, totals.started.begin(), &telemetry::counter::value);
    std::ranges::transform(ended_, totals.ended.begin(), &telemetry::counter::value);
    return totals;
}

}  // namespace turnix::sessions
