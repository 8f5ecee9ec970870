#include "relay/turn/connection_table.hpp"

#include <utility>

namespace turnix::turn {

bool connection_table::add(stun::connection_id id, waiting_connection& waiting, monotonic_time now) {
    const std::scoped_lock lock{guard_};
    const auto [at, is_new] = entries_.try_emplace(id.value);
    if (is_new) at->second = {.expires = now + connection_bind_patience, .waiting = std::move(waiting)};
    return is_new;
}

std::optional<waiting_connection> connection_table::take(stun::connection_id id, std::string_view username,
                                                         monotonic_time now) noexcept {
    const std::scoped_lock lock{guard_};
    const auto found = entries_.find(id.value);
    if (found == entries_.end()) return std::nullopt;
    auto& [expires, waiting] = found->second;
    if (now >= expires || waiting.meter->has_ended() || waiting.holder->username != username) {
        return std::nullopt;
    }
    std::optional taken{std::move(waiting)};
    entries_.erase(found);
    return taken;
}

void connection_table::expire(monotonic_time now) noexcept {
    const std::scoped_lock lock{guard_};
    boost::unordered::erase_if(entries_, [&](const auto& each) {
        const auto& [expires, waiting] = each.second;
        if (now >= expires) waiting.meter->end();
        return waiting.meter->has_ended();
    });
}

std::size_t connection_table::size() const noexcept {
    const std::scoped_lock lock{guard_};
    return entries_.size();
}

}  // namespace turnix::turn
