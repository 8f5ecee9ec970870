// How much memory the process uses of what it may use. What bounds it: node.memory_mib_max; memory.max and
// memory.high of its control group and of those above it (cgroups(7); in version 1 memory.limit_in_bytes);
// RLIMIT_AS and RLIMIT_DATA; where none of these is set, the machine's memory.
//
// A group's inactive page cache does not count: the kernel takes it back before anybody goes without. Reads a
// few small files at each look.
#pragma once

#include "daemon/resource_use.hpp"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <vector>

namespace turnix::daemon {

class memory_gauge {
  public:
    static constexpr auto unlimited = std::numeric_limits<std::uint64_t>::max();

    /// Where the kernel says it; tests have a directory of their own.
    struct sources {
        std::filesystem::path proc{"/proc"};
        std::filesystem::path control_groups{"/sys/fs/cgroup"};
        std::uint64_t address_space_max{unlimited};
        std::uint64_t data_max{unlimited};

        /// This process's.
        static sources of_process();
    };

    explicit memory_gauge(sources from = sources::of_process());

    /// Of all bounds the one that is nearest. `configured_max` is in bytes, 0 for none. Any thread.
    [[nodiscard]] resource_use now(std::uint64_t configured_max) const;
    /// The least of all bounds, the machine included; 0 when nobody can say.
    [[nodiscard]] std::uint64_t limit(std::uint64_t configured_max) const;

  private:
    [[nodiscard]] std::vector<resource_use> bounds(std::uint64_t configured_max) const;
    [[nodiscard]] resource_use machine() const;

    sources from_;
    std::vector<std::filesystem::path> groups_;  ///< the process's own, and those above
    std::vector<std::filesystem::path> groups_of_version_1_;
};

}  // namespace turnix::daemon
