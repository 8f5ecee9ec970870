// What a process has used, and how long datagrams took.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace turnix::bench {

struct process_usage {
    double cpu_seconds{0};
    std::uint64_t resident_bytes{0};
};
/// Of all threads, as the kernel charged them (/proc/PID). Throws std::runtime_error when there is no such
/// process.
process_usage usage_of(int pid);

/// In steps of a microsecond, up to a tenth of a second.
class latency_histogram {
  public:
    void add(std::chrono::nanoseconds took) noexcept;
    /// The latency that this share, of 0 to 1, does not exceed; zero when nothing was added.
    [[nodiscard]] std::chrono::microseconds at(double share) const noexcept;

  private:
    static constexpr std::size_t steps = 100'000;
    std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(steps);
    std::uint64_t total_{0};
};

}  // namespace turnix::bench
