// The allocations of one worker, found by 5-tuple (from the client) and by relay port (from a peer).
//
// Used on its worker's thread. Each allocation sits in a slot, a small number that timers and walks use;
// slots are reused, so there are never more than there were allocations at once. References hold until the
// allocation is erased.
#pragma once

#include "relay/turn/allocation.hpp"
#include "relay/turn/path_index.hpp"
#include "relay/turn/routes.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace turnix::turn {

class allocation_table {
  public:
    /// Room for that many without growing.
    explicit allocation_table(std::size_t expected);

    /// Null when the path has none.
    [[nodiscard]] allocation* find(const client_path& path) const noexcept;
    /// Null when that relay port belongs to none.
    [[nodiscard]] allocation* find(relay_handle at) const noexcept;

    /// Begins to fetch what find and relaying will look at, for all of them at once: the memory's delay
    /// is then waited for once and not for each. At most `fetched_ahead_max`.
    void fetch_ahead(std::span<const client_path> paths) const noexcept;
    void fetch_ahead(std::span<const relay_handle> ports) const noexcept;

    /// Null when the slot is empty.
    [[nodiscard]] allocation* at(std::uint32_t slot) const noexcept { return slots_[slot].get(); }

    /// Neither its path, if its client can be reached, nor any of its relay ports may be in the table. Sets
    /// its slot. Without memory it throws, nothing has changed, and
    /// `added` is still the caller's.
    allocation& insert(std::unique_ptr<allocation>&& added);
    /// Takes it out of the table, with its paths and ports; it must be there.
    std::unique_ptr<allocation> erase(const allocation& removed) noexcept;
    /// Lets the allocation be found by one path more, which must not be in the table; it must be one that the
    /// allocation serves for as long as it is.
    void link(const client_path& path, const allocation& by) {
        by_path_.insert(path_index::hash_of(path), by.slot);
    }
    void unlink(const client_path& path, const allocation& by) noexcept {
        by_path_.erase(path_index::hash_of(path), by.slot);
    }
    /// Forgets one relay port of an allocation that stays.
    void release(relay_handle port) noexcept { by_relay_port_[port.index] = nullptr; }

    [[nodiscard]] std::size_t size() const noexcept { return slots_.size() - free_slots_.size(); }
    /// One past the last slot that ever was in use.
    [[nodiscard]] std::uint32_t slots() const noexcept { return static_cast<std::uint32_t>(slots_.size()); }

  private:
    void make_room(const allocation& added);

    path_index by_path_;
    std::vector<allocation*> by_relay_port_;  ///< by relay_handle::index
    std::vector<std::unique_ptr<allocation>> slots_;
    std::vector<std::uint32_t> free_slots_;
};

}  // namespace turnix::turn
