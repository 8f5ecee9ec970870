#include "daemon/clock_watch.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::daemon;
using namespace std::chrono_literals;

TEST_CASE("a jump of the wall clock of more than 5 s is noticed once, and passing time is not", "[daemon]") {
    const instant start{.monotonic = monotonic_time{1'000s}, .wall = wall_time{1'700'000'000s}};
    const auto after = [&](std::chrono::milliseconds passed, std::chrono::milliseconds set) {
        return instant{.monotonic = start.monotonic + passed, .wall = start.wall + passed + set};
    };
    const auto [set, jump] =
        GENERATE(table<std::chrono::milliseconds, std::optional<std::chrono::milliseconds>>({
            {0ms, std::nullopt},
            {5'000ms, std::nullopt},
            {-5'000ms, std::nullopt},
            {5'001ms, 5'001ms},
            {-3'600'000ms, -3'600'000ms},
        }));
    clock_watch watch{start};
    CHECK_FALSE(watch.jump(after(1s, 0ms)).has_value());
    CHECK(watch.jump(after(90s, set)) == jump);
    CHECK_FALSE(watch.jump(after(91s, set)).has_value());
}
