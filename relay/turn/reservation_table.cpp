#include "relay/turn/reservation_table.hpp"

#include <algorithm>
#include <utility>

namespace turnix::turn {

void reservation_table::add(const stun::reservation_token& token, reservation held, monotonic_time now) {
    const std::scoped_lock lock{guard_};
    entries_.push_back({.token = token, .expires = now + reservation_lifetime, .held = std::move(held)});
}

std::optional<reservation> reservation_table::take(const stun::reservation_token& token,
                                                   std::string_view username, monotonic_time now) noexcept {
    const std::scoped_lock lock{guard_};
    const auto found = std::ranges::find(entries_, token, &entry::token);
    if (found == entries_.end() || now >= found->expires) return std::nullopt;
    if (found->held.holder->username != username) return std::nullopt;
    std::optional taken{std::move(found->held)};
    entries_.erase(found);
    return taken;
}

void reservation_table::expire(monotonic_time now) noexcept {
    const std::scoped_lock lock{guard_};
    std::erase_if(entries_, [&](const entry& each) { return now >= each.expires; });
}

std::size_t reservation_table::size() const noexcept {
    const std::scoped_lock lock{guard_};
    return entries_.size();
}

}  // namespace turnix::turn
