// What the kernel says of this process, under the names that every Prometheus client gives it.
#pragma once

#include "common/clock/instant.hpp"

#include <cstdint>

namespace turnix::daemon {

struct process_figures {
    double cpu_seconds{0};  ///< user and system, of all threads
    std::uint64_t resident_bytes{0};
    std::uint64_t open_descriptors{0};
    std::uint64_t descriptors_max{0};
    std::uint64_t threads{0};
    wall_time started;

    /// A figure that cannot be had is 0. Any thread; walks /proc/self/fd.
    static process_figures read();
};

}  // namespace turnix::daemon
