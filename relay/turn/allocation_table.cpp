#include "relay/turn/allocation_table.hpp"

#include <array>
#include <cassert>
#include <utility>

namespace turnix::turn {

namespace {

void fetch_hot_bytes(const allocation* of) noexcept {
    constexpr std::size_t cache_line = 64;
    if (of == nullptr) return;
    const auto hot = std::as_bytes(std::span{of, 1}).first<allocation::hot_bytes>();
    for (std::size_t at = 0; at < hot.size(); at += cache_line) __builtin_prefetch(&hot[at], 1);
    __builtin_prefetch(&hot.back(), 1);
}

}  // namespace

allocation_table::allocation_table(std::size_t expected) {
    by_relay_port_.reserve(expected);
    slots_.reserve(expected);
    free_slots_.reserve(expected);
}

allocation* allocation_table::find(const client_path& path) const noexcept {
    const auto slot = by_path_.find(path_index::hash_of(path),
                                    [&](std::uint32_t each) { return slots_[each]->serves(path); });
    return slot ? slots_[*slot].get() : nullptr;
}

allocation* allocation_table::find(relay_handle at) const noexcept {
    return at.index < by_relay_port_.size() ? by_relay_port_[at.index] : nullptr;
}

void allocation_table::fetch_ahead(std::span<const client_path> paths) const noexcept {
    std::array<std::uint32_t, fetched_ahead_max> hashes{};
    for (std::size_t i = 0; i < paths.size(); ++i) {
        hashes[i] = path_index::hash_of(paths[i]);
        by_path_.prefetch(hashes[i]);
    }
    for (const auto hash : std::span{hashes}.first(paths.size())) {
        const auto slot = by_path_.find(hash, [](std::uint32_t) { return true; });
        if (slot) fetch_hot_bytes(slots_[*slot].get());
    }
}

void allocation_table::fetch_ahead(std::span<const relay_handle> ports) const noexcept {
    for (const auto port : ports) {
        if (port.index < by_relay_port_.size()) __builtin_prefetch(&by_relay_port_[port.index]);
    }
    for (const auto port : ports) fetch_hot_bytes(find(port));
}

void allocation_table::make_room(const allocation& added) {
    if (free_slots_.empty()) {
        // As many may be free at once as there are: to give one back takes no memory.
        if (free_slots_.capacity() <= slots_.size()) free_slots_.reserve(2 * slots_.size() + 1);
        slots_.emplace_back();
        free_slots_.push_back(slots() - 1);
    }
    for (const auto& each : added.relays) {
        const auto index = each.port.handle.index;
        assert(find(each.port.handle) == nullptr);
        if (index >= by_relay_port_.size()) by_relay_port_.resize(std::size_t{index} + 1);
    }
}

allocation& allocation_table::insert(std::unique_ptr<allocation>&& added) {
    make_room(*added);
    added->slot = free_slots_.back();
    if (added->is_reachable()) link(added->path, *added);
    // From here on nothing takes memory.
    for (const auto& each : added->relays) by_relay_port_[each.port.handle.index] = added.get();
    free_slots_.pop_back();
    auto& slot = slots_[added->slot];
    slot = std::move(added);
    return *slot;
}

std::unique_ptr<allocation> allocation_table::erase(const allocation& removed) noexcept {
    if (removed.is_reachable()) unlink(removed.path, removed);
    if (removed.mobile) {
        const auto& expected = removed.mobile->expected;
        if (expected) unlink(expected->path, removed);
    }
    for (const auto& each : removed.relays) release(each.port.handle);
    free_slots_.push_back(removed.slot);
    return std::exchange(slots_[removed.slot], nullptr);
}

}  // namespace turnix::turn
