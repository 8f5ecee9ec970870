#include "relay/turn/path_index.hpp"

#include <utility>

namespace turnix::turn {

std::uint32_t path_index::hash_of(const client_path& path) noexcept {
    // The upper half of a product depends on every bit of its factor.
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15ULL;
    return static_cast<std::uint32_t>((client_path_hash{}(path)*odd) >> 32U);
}

void path_index::insert(std::uint32_t hash, std::uint32_t slot) {
    if (2 * (used_ + 1) > entries_.size()) grow();
    place({.hash = hash, .next_slot = slot + 1});
    ++used_;
}

void path_index::place(const entry& added) noexcept {
    auto at = home_of(added.hash);
    while (entries_[at].next_slot != 0) at = after(at);
    entries_[at] = added;
}

void path_index::grow() {
    const auto before = std::exchange(entries_, std::vector<entry>(2 * entries_.size()));
    for (const entry& each : before) {
        if (each.next_slot != 0) place(each);
    }
}

void path_index::erase(std::uint32_t hash, std::uint32_t slot) noexcept {
    auto gap = home_of(hash);
    while (entries_[gap].hash != hash || entries_[gap].next_slot != slot + 1) {
        if (entries_[gap].next_slot == 0) return;
        gap = after(gap);
    }
    // What the gap would hide from its home moves into it.
    for (auto at = after(gap); entries_[at].next_slot != 0; at = after(at)) {
        const auto from_home = (at - home_of(entries_[at].hash)) & mask();
        const auto from_gap = (at - gap) & mask();
        if (from_home < from_gap) continue;
        entries_[gap] = entries_[at];
        gap = at;
    }
    entries_[gap] = {};
    --used_;
}

}  // namespace turnix::turn
