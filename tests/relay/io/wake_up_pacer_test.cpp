#include "relay/io/wake_up_pacer.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace std::chrono_literals;

namespace {

/// Wakes up every millisecond for so long, with so many datagrams each time; the last answer.
std::chrono::microseconds after(io::wake_up_pacer& pacer, monotonic_time& now, std::uint64_t& received,
                                std::chrono::milliseconds time, std::uint64_t each) {
    std::chrono::microseconds pause{};
    for (const auto end = now + time; now < end; now += 1ms) {
        received += each;
        pause = pacer.on_wake_up(now, received);
    }
    return pause;
}

}  // namespace

TEST_CASE("a busy worker lets datagrams gather, an idle one looks at once", "[io][pace]") {
    io::wake_up_pacer pacer{150us};
    monotonic_time now{5s};
    std::uint64_t received = 0;
    CHECK(after(pacer, now, received, 100ms, 19) == 0us);
    CHECK(after(pacer, now, received, 100ms, 21) == 150us);
    CHECK(after(pacer, now, received, 100ms, 19) == 0us);
    CHECK(after(pacer, now, received, 100ms, 21) == 150us);
    // Woken by one datagram after a silence.
    now += 1s;
    CHECK(pacer.on_wake_up(now, ++received) == 0us);
}

TEST_CASE("without a pause nothing is let gather, however busy the worker", "[io][pace]") {
    io::wake_up_pacer pacer{0us};
    monotonic_time now{5s};
    std::uint64_t received = 0;
    CHECK(after(pacer, now, received, 100ms, 1'000) == 0us);
}
