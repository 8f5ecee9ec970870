#include "daemon/load_watch.hpp"

#include <catch2/catch.hpp>

#include <new>
#include <utility>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

using namespace turnix;
using namespace turnix::daemon;
using contract::load_step;
using namespace std::chrono_literals;

namespace {

constexpr auto none = load_step::none;
constexpr auto tls = load_step::tls_waits;
constexpr auto newcomers = load_step::newcomers_refused;
constexpr auto strangers = load_step::strangers_ignored;

/// More than any machine has, so that no memory is short.
constexpr std::uint32_t plenty_mib = 16'777'216;

}  // namespace

TEST_CASE("a step is entered at 80, 90 and 95 %, and left 2 % below", "[daemon][shedding]") {
    load_ladder ladder;
    for (const auto& [share, step] : std::vector<std::pair<double, load_step>>{
             {0, none},           {0.799, none},    {0.8, tls},        {0.781, tls},       {0.899, tls},
             {0.78, tls},         {0.779, none},    {0.79, none},      {0.9, newcomers},   {0.881, newcomers},
             {0.949, newcomers},  {0.879, tls},     {0.95, strangers}, {0.931, strangers}, {0.929, newcomers},
             {1, strangers},      {1.2, strangers}, {0.89, newcomers}, {0.97, strangers},  {0.5, none},
             {0.9999, strangers}, {0.79, tls},      {0, none}}) {
        CAPTURE(share);
        CHECK(ladder.heed(share) == step);
    }
}

TEST_CASE("a share that wavers at the edge changes nothing", "[daemon][shedding]") {
    load_ladder ladder;
    ladder.heed(0.9);
    for (int i = 0; i < 100; ++i) CHECK(ladder.heed(i % 2 == 0 ? 0.885 : 0.905) == newcomers);
}

TEST_CASE("what is short is told once for each change, and shown to whoever asks", "[daemon][shedding]") {
    std::vector<load_step> told;
    load_watch watch{1, [&told](load_step step) { told.push_back(step); }};
    CHECK(watch.figures().step == none);
    monotonic_time now{1h};
    for (int i = 0; i < 3; ++i) watch.look(now += 1s);
    CHECK(told == std::vector{strangers});
    CHECK(watch.figures().step == strangers);
    CHECK(watch.figures().memory.bound_by == "node.memory_mib_max");
    watch.limit_memory(plenty_mib);
    for (int i = 0; i < 3; ++i) watch.look(now += 1s);
    CHECK(told == std::vector{strangers, none});
}

TEST_CASE("a step that could not be told is told at the next look", "[daemon][shedding]") {
    int tries = 0;
    load_watch watch{1, [&tries](load_step) {
                         if (++tries == 1) throw std::bad_alloc{};
                     }};
    watch.look(monotonic_time{1s});
    CHECK(watch.figures().step == none);
    watch.look(monotonic_time{2s});
    CHECK(watch.figures().step == strangers);
    watch.look(monotonic_time{3s});
    CHECK(tries == 2);
}

TEST_CASE("descriptors are counted as they come and go, against their limit", "[daemon][shedding]") {
    descriptor_gauge gauge;
    const auto before = gauge.now();
    CHECK(before.used > 2);
    CHECK(before.bound_by == "LimitNOFILE");
    std::vector<int> opened;
    for (int i = 0; i < 100; ++i) opened.push_back(::dup(0));
    CHECK(gauge.now().used == before.used + opened.size());
    CHECK(count_descriptors() >= before.used + opened.size());

    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    CHECK(before.limit == limit.rlim_cur);
    // The look itself needs one, and a sanitizer two.
    const rlimit low{.rlim_cur = before.used + opened.size() + 4, .rlim_max = limit.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &low);
    std::vector<load_step> told;
    load_watch watch{plenty_mib, [&told](load_step step) { told.push_back(step); }};
    watch.look(monotonic_time{1h});
    ::setrlimit(RLIMIT_NOFILE, &limit);
    for (const int each : opened) ::close(each);
    watch.look(monotonic_time{2h});
    CHECK(told == std::vector{strangers, none});
    CHECK(gauge.now().used == before.used);
}

TEST_CASE("the log's line has the figures, and what to raise", "[daemon][shedding]") {
    load_figures figures{
        .step = newcomers,
        .descriptors = {.used = 465, .limit = 512, .bound_by = "LimitNOFILE"},
        .memory = {.used = 41U << 20U, .limit = 2'048U << 20U, .bound_by = "node.memory_mib_max"}};
    CHECK(to_line(figures) ==
          "new sessions are refused: 465 of 512 descriptors, 41 of 2048 MiB of memory; "
          "raise LimitNOFILE");
    figures.memory.used = 2'000U << 20U;
    figures.step = strangers;
    CHECK(to_line(figures) ==
          "new sessions are refused and strangers ignored: 465 of 512 descriptors, 2000 of "
          "2048 MiB of memory; raise node.memory_mib_max");
    figures.memory.used = 0;
    figures.descriptors.used = 9;
    figures.step = none;
    CHECK(to_line(figures) ==
          "memory and descriptors suffice again: 9 of 512 descriptors, 0 of 2048 MiB of memory");
}
