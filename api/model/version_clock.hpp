// Versions of what the nodes of a fleet share: of two records about the same thing the one with the greater
// version counts. Not for several threads at once.
//
// Milliseconds since 1970 above 16 bits of the node that made it: they grow from one start to the next, and
// no two nodes make the same one. What a node has heard of counts as well, so that who answers a change with
// another one is later, whatever its clock says.
#pragma once

#include "common/clock/instant.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace turnix::model {

class version_clock {
  public:
    explicit version_clock(std::uint16_t node = 0) noexcept : node_{node} {}

    /// Greater than all before, and than all that were heard of.
    [[nodiscard]] std::uint64_t next(wall_time now) noexcept {
        const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
        const auto moment = static_cast<std::uint64_t>(std::max<std::int64_t>(since.count(), 0));
        newest_ = std::max(moment, newest_ + 1);
        return newest_ << node_bits | node_;
    }
    void heed(std::uint64_t version) noexcept { newest_ = std::max(newest_, version >> node_bits); }
    /// The next one of the same node: for what every node makes of one version in the same way.
    [[nodiscard]] static constexpr std::uint64_t successor_of(std::uint64_t version) noexcept {
        return version + (std::uint64_t{1} << node_bits);
    }
    /// Who made it.
    [[nodiscard]] static constexpr std::uint16_t node_of(std::uint64_t version) noexcept {
        return static_cast<std::uint16_t>(version);
    }

  private:
    static constexpr unsigned node_bits = 16;

    std::uint16_t node_;
    std::uint64_t newest_{0};  ///< without the node
};

}  // namespace turnix::model
