// How much one project may use of this node. Zero: no limit.
#pragma once

#include <cstdint>

namespace turnix::contract {

struct project_limits {
    std::uint32_t allocations_max{0};
    std::uint32_t sessions_per_second_max{0};
    std::uint64_t bitrate_bps_max{0};         ///< each direction for itself
    std::uint32_t packets_per_second_max{0};  ///< each direction for itself
    /// Both directions together, of what is counted from `bytes_used` on.
    std::uint64_t bytes_max{0};

    friend bool operator==(const project_limits&, const project_limits&) = default;
};

}  // namespace turnix::contract
