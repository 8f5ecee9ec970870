#include "daemon/process_figures.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include <sys/resource.h>
#include <unistd.h>

namespace turnix::daemon {
namespace {

namespace fs = std::filesystem;

double seconds_of(const timeval& time) noexcept {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::uint64_t entries_of(const char* directory) {
    std::uint64_t entries = 0;
    std::error_code failed;
    for (fs::directory_iterator each{directory, failed}; !failed && each != fs::directory_iterator{};
         each.increment(failed)) {
        ++entries;
    }
    return entries;
}

/// proc(5): the second number of statm, in pages.
std::uint64_t read_resident_bytes() {
    std::ifstream statm{"/proc/self/statm"};
    std::uint64_t all_pages{0};
    std::uint64_t resident_pages{0};
    if (!(statm >> all_pages >> resident_pages)) return 0;
    return resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
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

process_figures process_figures::read() {
    static const auto started = start_time();
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    return {.cpu_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime),
            .resident_bytes = read_resident_bytes(),
            .open_descriptors = entries_of("/proc/self/fd"),
            .descriptors_max = descriptors.rlim_cur,
            .threads = entries_of("/proc/self/task"),
            .started = started};
}

}  // namespace turnix::daemon
