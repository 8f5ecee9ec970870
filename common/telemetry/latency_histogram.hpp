// How long something took, counted by how long: one thread counts, any other may read, a little late. No
// lock, no memory beyond what is declared here.
#pragma once

#include "common/telemetry/counter.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string_view>

namespace turnix::telemetry {

struct latency_bound {
    std::chrono::microseconds at_most;
    std::string_view seconds;  ///< the same, as OpenMetrics writes it
};

inline constexpr std::array<latency_bound, 10> latency_bounds{
    {{std::chrono::microseconds{100}, "0.0001"},
     {std::chrono::microseconds{300}, "0.0003"},
     {std::chrono::microseconds{1'000}, "0.001"},
     {std::chrono::microseconds{3'000}, "0.003"},
     {std::chrono::microseconds{10'000}, "0.01"},
     {std::chrono::microseconds{30'000}, "0.03"},
     {std::chrono::microseconds{100'000}, "0.1"},
     {std::chrono::microseconds{300'000}, "0.3"},
     {std::chrono::microseconds{1'000'000}, "1.0"},
     {std::chrono::microseconds{3'000'000}, "3.0"}}};

/// A histogram at some moment, or the sum of several.
struct latency_totals {
    /// One for each bound, without what the bounds before it have; then what took longer than the last.
    std::array<std::uint64_t, latency_bounds.size() + 1> counts{};
    std::chrono::nanoseconds sum{0};

    [[nodiscard]] std::uint64_t count() const noexcept {
        return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    }
    latency_totals& operator+=(const latency_totals& other) noexcept {
        std::ranges::transform(counts, other.counts, counts.begin(), std::plus{});
        sum += other.sum;
        return *this;
    }
};

class latency_histogram {
  public:
    /// The owning thread only. What took less than nothing took nothing.
    void add(std::chrono::nanoseconds took) noexcept {
        const auto bound = std::ranges::lower_bound(latency_bounds, took, {}, &latency_bound::at_most);
        counts_[static_cast<std::size_t>(bound - latency_bounds.begin())].add();
        sum_ns_.add(static_cast<std::uint64_t>(std::max(took, std::chrono::nanoseconds{0}).count()));
    }
    /// Any thread.
    [[nodiscard]] latency_totals totals() const noexcept {
        latency_totals read;
        std::ranges::transform(counts_, read.counts.begin(), &counter::value);
        read.sum = std::chrono::nanoseconds{sum_ns_.value()};
        return read;
    }

  private:
    std::array<counter, latency_bounds.size() + 1> counts_{};
    counter sum_ns_;
};

}  // namespace turnix::telemetry
