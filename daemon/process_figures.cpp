#include "daemon/process_figures.hpp"

#include "daemon/descriptor_gauge.hpp"

#include <array>
#include <chrono>
#include <fstream>
#include <string>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace turnix::daemon {
namespace {

double seconds_of(const timeval& time) noexcept {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// A directory has two links and one for each directory in it.
std::uint64_t count_threads() noexcept {
    struct stat tasks{};
    return ::stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink > 2 ? tasks.st_nlink - 2 : 0;
}

/// proc(5): the clock ticks between boot and start are the 22nd field of stat, the 20th after the name.
wall_time start_time() {
    constexpr int fields_before = 19;
    std::ifstream stat{"/proc/self/stat"};
    std::string text;
    std::getline(stat, text, ')');
    for (int field = 0; field < fields_before; ++field) stat >> text;
    std::uint64_t clock_ticks{0};
    if (!(stat >> clock_ticks)) return {};
    timespec since_boot{};
    ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
    const auto up = std::chrono::seconds{since_boot.tv_sec};
    const auto ticks_a_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    const auto started = std::chrono::milliseconds{clock_ticks * 1'000 / ticks_a_second};
    return instant::now().wall - up + started;
}

}  // namespace

/// proc(5): size, resident, shared, text, lib, data; in pages.
process_memory process_memory::read(const std::filesystem::path& statm) {
    std::ifstream numbers{statm};
    std::array<std::uint64_t, 6> pages{};
    for (auto& each : pages) numbers >> each;
    if (!numbers) return {};
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return {.address_space = pages[0] * page, .resident = pages[1] * page, .data = pages[5] * page};
}

process_figures process_figures::read() {
    static const auto started = start_time();
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    return {.cpu_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime),
            .resident_bytes = process_memory::read().resident,
            .open_descriptors = count_descriptors(),
            .descriptors_max = descriptors.rlim_cur,
            .threads = count_threads(),
            .started = started};
}

}  // namespace turnix::daemon
