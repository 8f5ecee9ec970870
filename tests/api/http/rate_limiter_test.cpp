#include "api/http/rate_limiter.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using turnix::monotonic_time;
using turnix::http::rate_limiter;

TEST_CASE("a holder has its burst, then its rate, and is told how long to wait", "[http][rate]") {
    rate_limiter limiter{{.per_second = 2, .burst = 3}};
    const rate_limiter::key holder{1};
    const monotonic_time start{1h};
    for (int i = 0; i < 3; ++i) CHECK_FALSE(limiter.charge(holder, start));
    CHECK(limiter.charge(holder, start) == 1s);
    CHECK(limiter.charge(holder, start + 499ms) == 1s);
    CHECK_FALSE(limiter.charge(holder, start + 500ms));
    CHECK(limiter.charge(holder, start + 500ms));
    for (int i = 0; i < 3; ++i) CHECK_FALSE(limiter.charge(holder, start + 1h));
    CHECK(limiter.charge(holder, start + 1h));
}

TEST_CASE("holders do not share a budget", "[http][rate]") {
    rate_limiter limiter{{.per_second = 1, .burst = 1}};
    const monotonic_time now{1h};
    CHECK_FALSE(limiter.charge({1}, now));
    CHECK(limiter.charge({1}, now));
    CHECK_FALSE(limiter.charge({2}, now));
}

TEST_CASE("holders that have not called for long are forgotten", "[http][rate]") {
    rate_limiter limiter{{.per_second = 1, .burst = 1}};
    const monotonic_time now{1h};
    for (std::uint8_t i = 0; i < 200; ++i) static_cast<void>(limiter.charge({i}, now));
    CHECK(limiter.size() == 200);
    static_cast<void>(limiter.charge({7}, now + 61s));
    CHECK(limiter.size() == 1);
}

TEST_CASE("beyond a number of holders further ones share one budget, until others are forgotten",
          "[http][rate]") {
    rate_limiter limiter{{.per_second = 1, .burst = 2}, 3};
    const monotonic_time now{1h};
    for (std::uint8_t i = 1; i <= 3; ++i) {
        CHECK_FALSE(limiter.charge({i}, now));
        CHECK_FALSE(limiter.charge({i}, now));
    }
    const auto next = now + 1s;
    static_cast<void>(limiter.charge({1}, next));
    CHECK_FALSE(limiter.charge({4}, next));
    CHECK_FALSE(limiter.charge({5}, next));
    CHECK(limiter.charge({6}, next));
    CHECK(limiter.charge({4}, next));
    CHECK(limiter.size() == 3);
    CHECK_FALSE(limiter.charge({2}, next));

    const auto later = now + 10s;
    for (std::uint8_t i = 7; i <= 9; ++i) CHECK_FALSE(limiter.charge({i}, later));
    CHECK(limiter.size() == 3);
}

TEST_CASE("another rate holds for those who have called already", "[http][rate]") {
    rate_limiter limiter{{.per_second = 1, .burst = 100}};
    const monotonic_time now{1h};
    CHECK_FALSE(limiter.charge({1}, now));
    limiter.change({.per_second = 1, .burst = 1});
    CHECK_FALSE(limiter.charge({1}, now));
    CHECK(limiter.charge({1}, now));
}
