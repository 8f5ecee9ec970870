// The allocations of one worker, found by 5-tuple (from the client) and by relay port (from a peer).
//
// Used on its worker's thread. The relay port's index is the allocation's index: the I/O layer reuses its
// indices, so the list stays dense. References hold until the allocation is erased.
#pragma once

#include "relay/turn/allocation.hpp"
#include "relay/turn/routes.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
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

    /// Neither its path nor its relay port may be in the table.
    allocation& insert(std::unique_ptr<allocation> added);
    /// Takes it out of the table; it must be there.
    std::unique_ptr<allocation> erase(const allocation& removed) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return by_path_.size(); }
    /// One past the greatest index that ever was in use: bounds a walk over all of them.
    [[nodiscard]] std::uint32_t index_end() const noexcept {
        return static_cast<std::uint32_t>(by_relay_port_.size());
    }

  private:
    struct path_hash {
        std::size_t operator()(const client_path& path) const noexcept;
    };
    boost::unordered_flat_map<client_path, allocation*, path_hash> by_path_;
    std::vector<std::unique_ptr<allocation>> by_relay_port_;
};

}  // namespace turnix::turn
