#include "relay/turn/allocation_table.hpp"

#include <cassert>
#include <utility>

namespace turnix::turn {

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

allocation& allocation_table::insert(std::unique_ptr<allocation> added) {
    if (free_slots_.empty()) {
        free_slots_.push_back(slots());
        slots_.emplace_back();
    }
    added->slot = free_slots_.back();
    if (added->is_reachable()) link(added->path, *added);
    for (const auto& each : added->relays) {
        const auto index = each.port.handle.index;
        assert(find(each.port.handle) == nullptr);
        if (index >= by_relay_port_.size()) by_relay_port_.resize(std::size_t{index} + 1);
        by_relay_port_[index] = added.get();
    }

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
