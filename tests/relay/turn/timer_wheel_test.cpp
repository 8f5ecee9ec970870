#include "relay/turn/timer_wheel.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

using namespace turnix;
using namespace turnix::turn;
using namespace std::chrono_literals;

namespace {

const monotonic_time start{1000h};

std::vector<std::uint32_t> expired(timer_wheel& wheel, monotonic_time now) {
    std::vector<std::uint32_t> timers;
    wheel.expire(now, [&](std::uint32_t timer) { timers.push_back(timer); });
    return timers;
}

timer_wheel wheel_at_start(std::uint32_t timers_max) {
    timer_wheel wheel{timers_max};
    expired(wheel, start);
    return wheel;
}

// The same promise kept the slow way: deadlines in order, in whole seconds.
class deadline_map {
  public:
    void schedule(std::uint32_t timer, monotonic_time deadline) {
        cancel(timer);
        const auto rounded = std::chrono::ceil<std::chrono::seconds>(deadline);
        deadlines_.emplace(std::max<monotonic_time>(rounded, last_ + 1s), timer);
    }
    void cancel(std::uint32_t timer) {
        std::erase_if(deadlines_, [&](const auto& entry) { return entry.second == timer; });
    }
    std::vector<std::uint32_t> expired(monotonic_time now) {
        last_ = std::max<monotonic_time>(last_, std::chrono::floor<std::chrono::seconds>(now));
        std::vector<std::uint32_t> timers;
        while (!deadlines_.empty() && deadlines_.begin()->first <= last_) {
            timers.push_back(deadlines_.begin()->second);
            deadlines_.erase(deadlines_.begin());
        }
        return timers;
    }

  private:
    std::multimap<monotonic_time, std::uint32_t> deadlines_;
    monotonic_time last_{start};
};

std::chrono::milliseconds random_span(std::mt19937_64& random, std::chrono::milliseconds below) {
    return std::chrono::milliseconds{
        static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(below.count()))};
}

}  // namespace

TEST_CASE("a timer is never early and at most one second late", "[timer]") {
    const auto offset = GENERATE(0ms, 1ms, 500ms, 999ms);
    const auto lifetime = GENERATE(1ms, 1s, 600s, 3600s, 4096s, 5000s, 86'400s);
    auto wheel = wheel_at_start(1);
    const auto deadline = start + offset + lifetime;
    wheel.schedule(0, deadline);
    CHECK(expired(wheel, deadline - 1ns).empty());
    CHECK(expired(wheel, deadline + 1s) == std::vector<std::uint32_t>{0});
    CHECK(expired(wheel, deadline + 48h).empty());
}

TEST_CASE("a deadline can be moved and withdrawn", "[timer]") {
    auto wheel = wheel_at_start(3);
    for (std::uint32_t timer = 0; timer < 3; ++timer) wheel.schedule(timer, start + 10s);
    wheel.schedule(0, start + 20s);
    wheel.cancel(1);
    wheel.cancel(1);
    CHECK(expired(wheel, start + 10s) == std::vector<std::uint32_t>{2});
    CHECK(expired(wheel, start + 20s) == std::vector<std::uint32_t>{0});
}

TEST_CASE("a deadline that has passed is due with the next second", "[timer]") {
    auto wheel = wheel_at_start(1);
    wheel.schedule(0, start - 1h);
    CHECK(expired(wheel, start + 999ms).empty());
    CHECK(expired(wheel, start + 1s) == std::vector<std::uint32_t>{0});
}

TEST_CASE("while timers expire, any of them may be scheduled and cancelled", "[timer]") {
    auto wheel = wheel_at_start(4);
    for (std::uint32_t timer = 0; timer < 3; ++timer) wheel.schedule(timer, start + 10s);
    std::vector<std::uint32_t> seen;
    wheel.expire(start + 10s, [&](std::uint32_t timer) {
        seen.push_back(timer);
        wheel.schedule(timer, start + 10s);  // again, and not in this round
        wheel.cancel(1);                     // due as well, but withdrawn
        wheel.schedule(2, start + 30s);      // due as well, but moved
        wheel.schedule(3, start + 10s);
    });
    CHECK(seen == std::vector<std::uint32_t>{0});
    CHECK(expired(wheel, start + 11s) == std::vector<std::uint32_t>{0, 3});
    CHECK(expired(wheel, start + 30s) == std::vector<std::uint32_t>{2});
}

TEST_CASE("time that goes backwards expires nothing and loses nothing", "[timer]") {
    auto wheel = wheel_at_start(1);
    wheel.schedule(0, start + 10s);
    CHECK(expired(wheel, start - 24h).empty());
    CHECK(expired(wheel, start + 9s).empty());
    CHECK(expired(wheel, start + 10s).size() == 1);
}

TEST_CASE("a wheel agrees with a map of deadlines over any operations and jumps of days", "[timer]") {
    constexpr std::uint32_t timers = 200;
    const auto seed = GENERATE(range(1U, 9U));
    std::mt19937_64 random{seed};
    auto wheel = wheel_at_start(timers);
    deadline_map oracle;
    auto now = start;
    std::size_t expiries = 0;
    for (int round = 0; round < 10'000; ++round) {
        const auto timer = static_cast<std::uint32_t>(random() % timers);
        const auto choice = random() % 100;
        if (choice < 50) {
            const auto deadline = now + random_span(random, choice < 5 ? 72h : 3600s) - 5s;
            wheel.schedule(timer, deadline);
            oracle.schedule(timer, deadline);
        } else if (choice < 60) {
            wheel.cancel(timer);
            oracle.cancel(timer);
        } else {
            now += choice < 61 ? random_span(random, 120h) : random_span(random, 30s);
            auto ours = expired(wheel, now);
            auto theirs = oracle.expired(now);
            expiries += ours.size();
            std::ranges::sort(ours);
            std::ranges::sort(theirs);
            REQUIRE(ours == theirs);
        }
    }
    CHECK(expiries > 1'000);
}
