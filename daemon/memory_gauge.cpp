#include "daemon/memory_gauge.hpp"

#include "daemon/process_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <sys/resource.h>

namespace turnix::daemon {
namespace {

namespace fs = std::filesystem;

/// Version 1 has no word for it, but the largest number of pages.
constexpr std::uint64_t no_limit_from = std::uint64_t{1} << 62U;

/// The number after a name: "MemTotal:  24684160 kB", "inactive_file 4096".
std::uint64_t number_after(const fs::path& file, std::string_view name) {
    std::ifstream lines{file};
    std::string word;
    std::uint64_t number{0};
    while (lines >> word) {
        if (word == name && lines >> number) return number;
    }
    return 0;
}

/// Nothing when the file is not there, or says "max".
std::optional<std::uint64_t> number_in(const fs::path& file) {
    std::uint64_t number{0};
    if (std::ifstream{file} >> number) return number;
    return std::nullopt;
}

/// A limit of a control group: the files that say it.
struct group_files {
    std::string_view limit;
    std::string_view current;
    std::string_view unused_cache;  ///< in memory.stat, of the group and those below
    std::string_view bound_by;      ///< as an operator would name it
};

constexpr group_files maximum{.limit = "memory.max",
                              .current = "memory.current",
                              .unused_cache = "inactive_file",
                              .bound_by = "MemoryMax of the control group"};
/// Above it the kernel slows the group down.
constexpr group_files high{.limit = "memory.high",
                           .current = "memory.current",
                           .unused_cache = "inactive_file",
                           .bound_by = "MemoryHigh of the control group"};
constexpr group_files version_1{.limit = "memory.limit_in_bytes",
                                .current = "memory.usage_in_bytes",
                                .unused_cache = "total_inactive_file",
                                .bound_by = "memory.limit_in_bytes of the control group"};

/// Of a line of /proc/self/cgroup the path, when its hierarchy is the one that bounds memory.
std::optional<std::string> path_in(std::string_view line, bool in_version_1) {
    const auto id_end = line.find(':');
    const auto names_end = line.find(':', id_end + 1);
    if (names_end == std::string_view::npos) return std::nullopt;
    const auto names = fmt::format(",{},", line.substr(id_end + 1, names_end - id_end - 1));
    const bool fits = in_version_1 ? names.find(",memory,") != std::string::npos : names == ",,";
    if (!fits) return std::nullopt;
    const auto path = line.substr(names_end + 1);
    // Outside of what this process is shown of the hierarchy the path begins with "..".
    if (path.find("..") != std::string_view::npos) return std::string{};
    return std::string{path.substr(std::min<std::size_t>(1, path.size()))};
}

/// From the process's own group up to the root, which has a limit only as the root of a container.
std::vector<fs::path> groups_of(const memory_gauge::sources& from, bool in_version_1) {
    std::ifstream self{from.proc / "self/cgroup"};
    std::string line;
    while (std::getline(self, line)) {
        const auto own = path_in(line, in_version_1);
        if (!own) continue;
        std::vector<fs::path> all{in_version_1 ? from.control_groups / "memory" : from.control_groups};
        for (const auto& name : fs::path{*own}) all.push_back(all.back() / name);
        std::ranges::reverse(all);
        return all;
    }
    return {};
}

std::optional<resource_use> use_of(const fs::path& group, const group_files& files) {
    const auto limit = number_in(group / files.limit);
    const auto current = number_in(group / files.current);
    if (!limit || *limit >= no_limit_from || !current) return std::nullopt;
    const auto unused_cache = number_after(group / "memory.stat", files.unused_cache);
    return resource_use{
        .used = *current - std::min(*current, unused_cache), .limit = *limit, .bound_by = files.bound_by};
}

std::uint64_t limit_of(int resource) noexcept {
    rlimit limit{};
    const bool is_set = ::getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) == 0 &&
                        limit.rlim_cur != RLIM_INFINITY;
    return is_set ? limit.rlim_cur : memory_gauge::unlimited;
}

}  // namespace

memory_gauge::sources memory_gauge::sources::of_process() {
    sources from;
    from.address_space_max = limit_of(RLIMIT_AS);
    from.data_max = limit_of(RLIMIT_DATA);
    return from;
}

memory_gauge::memory_gauge(sources from)
    : from_{std::move(from)},
      groups_{groups_of(from_, false)},
      groups_of_version_1_{groups_of(from_, true)} {}

resource_use memory_gauge::now(std::uint64_t configured_max) const {
    const auto all = bounds(configured_max);
    if (all.empty()) return machine();
    return *std::ranges::max_element(all, {}, &resource_use::share);
}

std::uint64_t memory_gauge::limit(std::uint64_t configured_max) const {
    auto all = bounds(configured_max);
    if (const auto whole = machine(); whole.limit != 0) all.push_back(whole);
    return all.empty() ? 0 : std::ranges::min_element(all, {}, &resource_use::limit)->limit;
}

std::vector<resource_use> memory_gauge::bounds(std::uint64_t configured_max) const {
    const auto own = process_memory::read(from_.proc / "self/statm");
    std::vector<resource_use> all;
    for (const auto& [used, limit, name] :
         {resource_use{own.resident, configured_max != 0 ? configured_max : unlimited, "node.memory_mib_max"},
          resource_use{own.address_space, from_.address_space_max, "LimitAS"},
          resource_use{own.data, from_.data_max, "LimitDATA"}}) {
        if (limit != unlimited) all.push_back({.used = used, .limit = limit, .bound_by = name});
    }
    for (const auto& group : groups_) {
        if (const auto use = use_of(group, maximum)) all.push_back(*use);
        if (const auto use = use_of(group, high)) all.push_back(*use);
    }
    for (const auto& group : groups_of_version_1_) {
        if (const auto use = use_of(group, version_1)) all.push_back(*use);
    }
    return all;
}

resource_use memory_gauge::machine() const {
    const auto file = from_.proc / "meminfo";
    const auto total = number_after(file, "MemTotal:") * 1024;
    const auto available = number_after(file, "MemAvailable:") * 1024;
    return {
        .used = total - std::min(total, available), .limit = total, .bound_by = "the memory of the machine"};
}

}  // namespace turnix::daemon
