// How many descriptors the process has open, of those that it may open (RLIMIT_NOFILE).
#pragma once

#include "daemon/resource_use.hpp"

#include <cstdint>

namespace turnix::daemon {

/// The kernel knows the number since Linux 6.2; elsewhere it walks /proc/self/fd. Any thread.
std::uint64_t count_descriptors();

/// For who asks again and again: where they have to be walked, the more there are the more rarely it does so.
class descriptor_gauge {
  public:
    /// One thread.
    [[nodiscard]] resource_use now();

  private:
    std::uint64_t open_{0};
    std::uint64_t looks_to_leave_out_{0};
};

}  // namespace turnix::daemon
