// Which slot of the allocation table serves a client's 5-tuple: eight bytes an entry, so that the index of
// thousands of clients stays in the processor's cache. The 5-tuples stand in the allocations themselves.
//
// Part of the allocation table, used on its worker's thread. Open addressing with linear probing, at most
// half full; it grows when a path is inserted, and never shrinks.
#pragma once

#include "relay/turn/routes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace turnix::turn {

class path_index {
  public:
    [[nodiscard]] static std::uint32_t hash_of(const client_path& path) noexcept;

    /// The pair must not be in the index; a slot may be in it under several hashes.
    void insert(std::uint32_t hash, std::uint32_t slot);
    /// Nothing happens when the pair is not in the index.
    void erase(std::uint32_t hash, std::uint32_t slot) noexcept;

    /// The slot with that hash for which `is_it(slot)` is true.
    template <class IsIt>
    [[nodiscard]] std::optional<std::uint32_t> find(std::uint32_t hash, IsIt is_it) const noexcept {
        for (auto at = home_of(hash); entries_[at].next_slot != 0; at = after(at)) {
            const entry& each = entries_[at];
            if (each.hash == hash && is_it(each.next_slot - 1)) return each.next_slot - 1;
        }
        return std::nullopt;
    }

    /// Begins to fetch what find looks at first.
    void prefetch(std::uint32_t hash) const noexcept { __builtin_prefetch(&entries_[home_of(hash)]); }

  private:
    struct entry {
        std::uint32_t hash{0};
        std::uint32_t next_slot{0};  ///< the one after; 0: the entry is free
    };
    static constexpr std::size_t entries_at_first = 256;

    [[nodiscard]] std::size_t home_of(std::uint32_t hash) const noexcept { return hash & mask(); }
    [[nodiscard]] std::size_t after(std::size_t at) const noexcept { return (at + 1) & mask(); }
    [[nodiscard]] std::size_t mask() const noexcept { return entries_.size() - 1; }
    void place(const entry& added) noexcept;
    void grow();

    std::vector<entry> entries_ = std::vector<entry>(entries_at_first);  ///< a power of two
    std::size_t used_{0};
};

}  // namespace turnix::turn
