#include "bench/turnix_bench/measurement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <unistd.h>

namespace turnix::bench {

process_usage usage_of(int pid) {
    const std::filesystem::path process{fmt::format("/proc/{}", pid)};
    process_usage usage;
    std::error_code error;
    for (const auto& thread : std::filesystem::directory_iterator{process / "task", error}) {
        std::uint64_t nanoseconds = 0;
        std::ifstream{thread.path() / "schedstat"} >> nanoseconds;
        usage.cpu_seconds += static_cast<double>(nanoseconds) / 1e9;
    }
    if (error) throw std::runtime_error{fmt::format("--pid: there is no process {}", pid)};
    std::uint64_t pages = 0;
    std::ifstream{process / "statm"} >> pages >> pages;
    usage.resident_bytes = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return usage;
}

void latency_histogram::add(std::chrono::nanoseconds took) noexcept {
    const auto step = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
    ++counts_[static_cast<std::size_t>(std::clamp<std::int64_t>(step, 0, steps - 1))];
    ++total_;
}

std::chrono::microseconds latency_histogram::at(double share) const noexcept {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t step = 0; step < steps && total_ != 0; ++step) {
        seen += counts_[step];
        if (seen >= wanted && seen != 0) return std::chrono::microseconds{step};
    }
    return {};
}

}  // namespace turnix::bench
