#include "relay/turn/peer_connections.hpp"

#include <algorithm>
#include <utility>

namespace turnix::turn {

relayed_bytes peer_connections::collect() {
    relayed_bytes fresh;
    std::erase_if(entries_, [&](entry& each) {
        if (!each.meter) return false;
        // In this order: what is counted after an end is none.
        const bool ended = each.meter->has_ended();
        const auto total = each.meter->total();
        fresh.uplink += total.uplink - each.collected.uplink;
        fresh.downlink += total.downlink - each.collected.downlink;
        each.collected = total;
        return ended;
    });
    return fresh;
}

bool peer_connections::holds(const net::endpoint& peer) const noexcept {
    return std::ranges::find(entries_, peer, &entry::peer) != entries_.end();
}

void peer_connections::begin(const net::endpoint& peer, std::span<const std::byte> request) {
    entries_.push_back(
        {.peer = peer, .request = {request.begin(), request.end()}, .meter = {}, .collected = {}});
}

std::optional<std::vector<std::byte>> peer_connections::finish(const net::endpoint& peer) {
    const auto found = std::ranges::find_if(
        entries_, [&](const entry& each) { return each.peer == peer && !each.request.empty(); });
    if (found == entries_.end()) return std::nullopt;
    std::optional request{std::move(found->request)};
    entries_.erase(found);
    return request;
}

void peer_connections::add(const net::endpoint& peer, std::shared_ptr<connection_meter> meter) {
    entries_.push_back({.peer = peer, .request = {}, .meter = std::move(meter), .collected = {}});
}

void peer_connections::end(const peer_predicate& which) {
    std::erase_if(entries_, [&](const entry& each) { return !each.meter && which(each.peer.address); });
    for (const auto& each : entries_) {
        if (which(each.peer.address)) each.meter->end();
    }
}

void peer_connections::end(std::optional<net::family> only) noexcept {
    std::erase_if(entries_, [&](const entry& each) {
        return !each.meter && (!only || each.peer.address.family() == *only);
    });
    for (const auto& each : entries_) {
        if (!only || each.peer.address.family() == *only) each.meter->end();
    }
}

}  // namespace turnix::turn
