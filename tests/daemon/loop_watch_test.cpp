#include "daemon/loop_watch.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace turnix;
using namespace turnix::daemon;
using std::chrono::seconds;
using names = std::vector<std::string>;

TEST_CASE("a loop is stuck when its count has stood still for long enough, and not before", "[daemon]") {
    loop_watch watch;
    const monotonic_time start{};
    CHECK(watch.look(start, {{"relay-0", 7}, {"control", 0}}).empty());
    CHECK(watch.look(start + seconds{4}, {{"relay-0", 8}, {"control", 0}}).empty());
    CHECK(watch.look(start + seconds{5}, {{"relay-0", 9}, {"control", 0}}) == names{"control"});
    CHECK(watch.look(start + seconds{9}, {{"relay-0", 9}, {"control", 0}}) == names{"control"});
    CHECK(watch.look(start + seconds{10}, {{"relay-0", 9}, {"control", 0}}) == names{"relay-0", "control"});
}

TEST_CASE("a loop that turns again is no longer stuck", "[daemon]") {
    loop_watch watch;
    const monotonic_time start{};
    REQUIRE(watch.look(start, {{"control", 3}}).empty());
    REQUIRE(watch.look(start + seconds{60}, {{"control", 3}}) == names{"control"});
    CHECK(watch.look(start + seconds{61}, {{"control", 4}}).empty());
    CHECK(watch.look(start + seconds{65}, {{"control", 4}}).empty());
}
