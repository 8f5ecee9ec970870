#include "daemon/memory_gauge.hpp"

#include "tests/common/config/temporary_directory.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <string>

#include <unistd.h>

using namespace turnix;
using namespace turnix::daemon;

namespace {

constexpr std::uint64_t mib = 1U << 20U;

/// A kernel of the test's own: its files, without any limit of the process.
struct fake_kernel {
    fake_kernel() {
        std::filesystem::create_directories(files.path() / "self");
        write("meminfo", "MemTotal: 4096000 kB\nMemFree: 1000 kB\nMemAvailable: 1024000 kB\n");
        uses(100 * mib);
        is_in("/");
    }

    void write(const std::string& name, const std::string& content) const {
        const auto file = files.path() / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file} << content;
    }
    /// Resident memory; the address space is four times as large, the data half of it.
    void uses(std::uint64_t bytes) const {
        const auto pages = bytes / static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
        write("self/statm", fmt::format("{} {} 30 20 0 {} 0\n", 4 * pages, pages, pages / 2));
    }
    void is_in(const std::string& group) const {
        write("self/cgroup", "4:memory:/elsewhere\n0::" + group + "\n");
    }
    void group(const std::string& path, const std::string& limit, std::uint64_t current,
               std::uint64_t inactive_file = 0) const {
        const auto directory = "groups" + path;
        write(directory + "/memory.max", limit + "\n");
        write(directory + "/memory.current", std::to_string(current) + "\n");
        write(directory + "/memory.stat",
              fmt::format("anon 1\nactive_file 5\ninactive_file {}\n", inactive_file));
    }
    [[nodiscard]] memory_gauge gauge() const {
        auto from = limits;
        from.proc = files.path();
        from.control_groups = files.path() / "groups";
        return memory_gauge{from};
    }
    [[nodiscard]] resource_use now(std::uint64_t configured_max = 0) const {
        return gauge().now(configured_max);
    }

    tests::temporary_directory files;
    memory_gauge::sources limits{};
};

void check(const resource_use& seen, std::uint64_t used, std::uint64_t limit, std::string_view bound_by) {
    CHECK(seen.used == used);
    CHECK(seen.limit == limit);
    CHECK(seen.bound_by == bound_by);
}

constexpr auto by_group = "MemoryMax of the control group";

}  // namespace

TEST_CASE("without any limit it is the machine's memory that counts", "[daemon][shedding]") {
    const fake_kernel kernel;
    kernel.is_in("/system.slice/turnixd.service");
    kernel.group("/system.slice", "max", 9'000 * mib);
    check(kernel.now(), 3'000 * mib, 4'000 * mib, "the memory of the machine");
    CHECK(kernel.gauge().limit(0) == 4'000 * mib);
}

TEST_CASE("the group's limit counts, and page cache that nobody uses does not", "[daemon][shedding]") {
    const fake_kernel kernel;
    kernel.is_in("/system.slice/turnixd.service");
    kernel.group("/system.slice/turnixd.service", std::to_string(200 * mib), 180 * mib, 30 * mib);
    check(kernel.now(), 150 * mib, 200 * mib, by_group);
    CHECK(kernel.gauge().limit(0) == 200 * mib);
    kernel.group("/system.slice/turnixd.service", "max", 180 * mib);
    CHECK(kernel.now().bound_by == "the memory of the machine");
}

TEST_CASE("of the groups above the one counts that is nearest to its limit", "[daemon][shedding]") {
    const fake_kernel kernel;
    kernel.is_in("/a/b");
    kernel.group("/a/b", std::to_string(200 * mib), 100 * mib);
    kernel.group("/a", std::to_string(1'000 * mib), 900 * mib);
    check(kernel.now(), 900 * mib, 1'000 * mib, by_group);
    CHECK(kernel.gauge().limit(0) == 200 * mib);
}

TEST_CASE("what a group is slowed down at counts like its limit", "[daemon][shedding]") {
    const fake_kernel kernel;
    kernel.is_in("/a");
    kernel.group("/a", std::to_string(200 * mib), 90 * mib, 10 * mib);
    kernel.write("groups/a/memory.high", std::to_string(100 * mib));
    check(kernel.now(), 80 * mib, 100 * mib, "MemoryHigh of the control group");
    CHECK(kernel.gauge().limit(0) == 100 * mib);
    kernel.write("groups/a/memory.high", "max\n");
    check(kernel.now(), 80 * mib, 200 * mib, by_group);
}

TEST_CASE("a limit of control groups of version 1 counts as well", "[daemon][shedding]") {
    const fake_kernel kernel;
    kernel.write("self/cgroup", "5:cpu,cpuacct:/other\n4:hugetlb,memory:/a/b\n1:name=systemd:/x\n0::/\n");
    const std::string group = "groups/memory/a/";
    kernel.write(group + "memory.limit_in_bytes", std::to_string(200 * mib));
    kernel.write(group + "memory.usage_in_bytes", std::to_string(150 * mib));
    kernel.write(group + "memory.stat", fmt::format("inactive_file 1\ntotal_inactive_file {}\n", 30 * mib));
    check(kernel.now(), 120 * mib, 200 * mib, "memory.limit_in_bytes of the control group");
    kernel.write(group + "memory.limit_in_bytes", "9223372036854771712\n");
    CHECK(kernel.now().bound_by == "the memory of the machine");
}

TEST_CASE("in a container the root of the hierarchy has the limit", "[daemon][shedding]") {
    const fake_kernel kernel;
    const std::string group = GENERATE("/", "/../other");
    kernel.is_in(group);
    kernel.group("", std::to_string(200 * mib), 100 * mib);
    check(kernel.now(), 100 * mib, 200 * mib, by_group);
}

TEST_CASE("what is configured counts resident memory, and lifts no other limit", "[daemon][shedding]") {
    fake_kernel kernel;
    check(kernel.now(128 * mib), 100 * mib, 128 * mib, "node.memory_mib_max");
    CHECK(kernel.gauge().limit(128 * mib) == 128 * mib);
    CHECK(kernel.gauge().limit(64'000 * mib) == 4'000 * mib);

    kernel.limits.address_space_max = 410 * mib;
    check(kernel.now(128 * mib), 400 * mib, 410 * mib, "LimitAS");
    kernel.limits.data_max = 51 * mib;
    check(kernel.now(128 * mib), 50 * mib, 51 * mib, "LimitDATA");
    kernel.group("", std::to_string(100 * mib), 99 * mib + mib / 2);
    check(kernel.now(128 * mib), 99 * mib + mib / 2, 100 * mib, by_group);
}

TEST_CASE("files that are not there, or say something else, are no limit", "[daemon][shedding]") {
    const fake_kernel kernel;
    kernel.is_in("/a");
    kernel.write("groups/a/memory.max", "soon");
    CHECK(kernel.now().bound_by == "the memory of the machine");
    std::filesystem::remove(kernel.files.path() / "meminfo");
    std::filesystem::remove(kernel.files.path() / "self/cgroup");
    std::filesystem::remove(kernel.files.path() / "self/statm");
    CHECK(kernel.now().share() == 0);
    CHECK(kernel.gauge().limit(0) == 0);
}

TEST_CASE("a machine that does not say how much memory it has takes no other limit away",
          "[daemon][shedding]") {
    const fake_kernel kernel;
    std::filesystem::remove(kernel.files.path() / "meminfo");
    CHECK(kernel.gauge().limit(128 * mib) == 128 * mib);
    kernel.group("", std::to_string(100 * mib), 10 * mib);
    CHECK(kernel.gauge().limit(128 * mib) == 100 * mib);
}

TEST_CASE("this machine has memory, and some of it is in use", "[daemon][shedding]") {
    const memory_gauge gauge;
    CHECK(gauge.limit(0) > mib);
    const auto seen = gauge.now(gauge.limit(0));
    CHECK(seen.share() > 0);
    CHECK(seen.share() < 1);
}
