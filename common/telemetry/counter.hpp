// A number that one thread counts up and any other may read, a little late: no lock, no locked add.
#pragma once

#include <atomic>
#include <cstdint>

namespace turnix::telemetry {

class counter {
  public:
    /// The owning thread only.
    void add(std::uint64_t amount = 1) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    /// Any thread.
    [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

}  // namespace turnix::telemetry
