#include "relay/turn/token_bucket.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace turnix;
using namespace turnix::turn;
using namespace std::chrono_literals;

namespace {

// A bucket as the textbook has it: tokens, counted in the nanoseconds that they take to come.
class counted_tokens {
  public:
    explicit counted_tokens(const token_rate& rate) : rate_{rate}, saved_{rate.burst * rate.interval} {}

    bool take(std::chrono::nanoseconds since_last) {
        saved_ = std::min(saved_ + since_last, rate_.burst * rate_.interval);
        if (saved_ < rate_.interval) return false;
        saved_ -= rate_.interval;
        return true;
    }

  private:
    token_rate rate_;
    std::chrono::nanoseconds saved_;
};

}  // namespace

TEST_CASE("a bucket starts full, grants its burst, then one token an interval", "[policy]") {
    constexpr auto rate = token_rate::per_second(100, 400);
    const monotonic_time start{1h};
    token_bucket bucket;
    for (int i = 0; i < 400; ++i) CHECK(bucket.take(rate, start));
    CHECK_FALSE(bucket.take(rate, start));
    CHECK_FALSE(bucket.take(rate, start + 10ms - 1ns));
    CHECK(bucket.take(rate, start + 10ms));
    CHECK_FALSE(bucket.take(rate, start + 10ms));
}

TEST_CASE("new peers: 120 at once, then two a second", "[policy]") {
    constexpr auto rate = token_rate::per_minute(120);
    const monotonic_time start{};
    token_bucket bucket;
    int granted = 0;
    for (auto elapsed = 0ms; elapsed < 60s; elapsed += 10ms)
        granted += bucket.take(rate, start + elapsed) ? 1 : 0;
    CHECK(granted == 120 + 119);
}

TEST_CASE("a budget of nothing grants nothing", "[policy]") {
    const auto rate = GENERATE(token_rate{}, token_rate::per_second(0, 400), token_rate::per_second(100, 0),
                               token_rate::per_minute(0));
    token_bucket bucket;
    CHECK_FALSE(bucket.take(rate, monotonic_time{}));
    CHECK_FALSE(bucket.take(rate, monotonic_time{24h}));
}

TEST_CASE("a time that goes backwards gives nothing away", "[policy]") {
    constexpr auto rate = token_rate::per_second(10, 1);
    token_bucket bucket;
    CHECK(bucket.take(rate, monotonic_time{10s}));
    CHECK_FALSE(bucket.take(rate, monotonic_time{9s}));
    CHECK(bucket.take(rate, monotonic_time{10s + 100ms}));
}

TEST_CASE("a bucket grants exactly what counted tokens would", "[policy]") {
    std::mt19937_64 random{7};
    const auto tokens = GENERATE(1U, 7U, 100U, 1'000U, 65'535U);
    const auto burst = GENERATE(1U, 3U, 400U);
    const auto rate = token_rate::per_second(tokens, burst);
    token_bucket bucket;
    counted_tokens oracle{rate};
    monotonic_time now{};
    std::size_t differences = 0;
    for (int i = 0; i < 20'000; ++i) {
        const std::chrono::nanoseconds step{
            static_cast<std::int64_t>(random() % (static_cast<std::uint64_t>(rate.interval.count()) * 2))};
        now += step;
        if (bucket.take(rate, now) != oracle.take(step)) ++differences;
    }
    CHECK(differences == 0);
}
