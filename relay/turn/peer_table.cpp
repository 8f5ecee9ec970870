#include "relay/turn/peer_table.hpp"

#include <algorithm>

namespace turnix::turn {

namespace {

template <class Entries, class Which>
void erase_if(Entries& from, Which which) {
    from.erase(std::remove_if(from.begin(), from.end(), which), from.end());
}

}  // namespace

bool peer_table::permits(const net::address& peer, monotonic_time now) const noexcept {
    const auto found = std::ranges::find(permissions_, peer, &permission::peer);
    return found != permissions_.end() && now < found->expires;
}

const channel* peer_table::channel_of(stun::channel_number number, monotonic_time now) const noexcept {
    const auto found = std::ranges::find(channels_, number, &channel::number);
    return found != channels_.end() && now < found->expires ? &*found : nullptr;
}

const channel* peer_table::channel_to(const net::endpoint& peer, monotonic_time now) const noexcept {
    const auto found = std::ranges::find_if(channels_, [&](const channel& bound) {
        return bound.peer.port == peer.port && bound.peer.address == peer.address;
    });
    return found != channels_.end() && now < found->expires ? &*found : nullptr;
}

void peer_table::sweep(monotonic_time now) noexcept {
    erase_if(permissions_, [&](const permission& held) { return now >= held.expires; });
    erase_if(channels_, [&](const channel& held) { return now >= held.expires + channel_cool_down; });
}

void peer_table::forget(const peer_predicate& which) {
    erase_if(permissions_, [&](const permission& held) { return which(held.peer); });
    erase_if(channels_, [&](const channel& held) { return which(held.peer.address); });
}

void peer_table::forget(net::family family) noexcept {
    erase_if(permissions_, [&](const permission& held) { return held.peer.family() == family; });
    erase_if(channels_, [&](const channel& held) { return held.peer.address.family() == family; });
}

bool peer_table::holds_permission(const net::address& peer) const noexcept {
    return std::ranges::find(permissions_, peer, &permission::peer) != permissions_.end();
}

binding_state peer_table::state_of(stun::channel_number number, const net::endpoint& peer) const noexcept {
    const auto touched = std::ranges::find_if(
        channels_, [&](const channel& held) { return held.number == number || held.peer == peer; });
    if (touched == channels_.end()) return binding_state::free;
    const bool same = touched->number == number && touched->peer == peer;
    return same ? binding_state::bound : binding_state::taken;
}

std::vector<net::address> peer_table::permitted(monotonic_time now) const {
    std::vector<net::address> peers;
    for (const auto& held : permissions_) {
        if (now < held.expires) peers.push_back(held.peer);
    }
    return peers;
}

void peer_table::permit(const net::address& peer, monotonic_time now) {
    const auto expires = now + permission_lifetime;
    const auto found = std::ranges::find(permissions_, peer, &permission::peer);
    if (found != permissions_.end()) {
        found->expires = expires;
    } else {
        permissions_.push_back({.peer = peer, .expires = expires});
    }
}

void peer_table::bind(stun::channel_number number, const net::endpoint& peer, monotonic_time now) {
    const auto expires = now + channel_lifetime;
    const auto found = std::ranges::find(channels_, number, &channel::number);
    if (found != channels_.end()) {
        found->expires = expires;
    } else {
        channels_.push_back({.number = number, .peer = peer, .expires = expires});
    }
}

}  // namespace turnix::turn
