// What the kernel says of this process, under the names that every Prometheus client gives it.
#pragma once

#include "common/clock/instant.hpp"

#include <cstdint>
#include <filesystem>

namespace turnix::daemon {

/// In bytes; zeros when it cannot be had.
struct process_memory {
    std::uint64_t address_space{0};
    std::uint64_t resident{0};
    std::uint64_t data{0};  ///< with the stacks

    static process_memory read(const std::filesystem::path& statm = "/proc/self/statm");
};

struct process_figures {
    double cpu_seconds{0};  ///< user and system, of all threads
    std::uint64_t resident_bytes{0};
    std::uint64_t open_descriptors{0};
    std::uint64_t descriptors_max{0};
    std::uint64_t threads{0};
    wall_time started;

    /// A figure that cannot be had is 0. Any thread.
    static process_figures read();
};

}  // namespace turnix::daemon
