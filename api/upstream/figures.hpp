// How a node stands with the database that nodes share, for readiness and metrics.
#pragma once

#include <chrono>
#include <cstdint>

namespace turnix::upstream {

struct figures {
    bool is_connected{false};
    std::uint64_t backlog{0};     ///< rows that wait here
    std::chrono::seconds lag{0};  ///< since nothing that is due waited on either side
    std::uint64_t sent{0};
    std::uint64_t taken{0};
    std::uint64_t conflicts{0};
    std::uint64_t refused{0};  ///< rows that it will never take
};

}  // namespace turnix::upstream
