#include "relay/turn/stranger_share.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <span>

using namespace turnix;
using namespace turnix::turn;
using namespace std::chrono_literals;

namespace {

random_pool seeded_pool() {
    return random_pool{[engine = std::mt19937{1}](std::span<std::byte> bytes) mutable {
        std::ranges::generate(bytes, [&] { return static_cast<std::byte>(engine()); });
    }};
}

/// A worker that looks at its sockets once a millisecond.
struct looking_worker {
    /// How many of so many strangers are answered.
    std::uint32_t look(std::uint32_t strangers) {
        now += 1ms;
        std::uint32_t answered{0};
        for (std::uint32_t i = 0; i < strangers; ++i) answered += share.take(now, random) ? 1U : 0U;
        return answered;
    }

    stranger_share share;
    random_pool random{seeded_pool()};
    monotonic_time now{1h};
};

}  // namespace

TEST_CASE("while strangers are few in a look, each is answered", "[turn][security]") {
    looking_worker worker;
    for (int i = 0; i < 1'000; ++i)
        CHECK(worker.look(stranger_share::crowd - 1) == stranger_share::crowd - 1);
}

TEST_CASE("each look with a crowd halves the share that is answered, and nobody is silenced",
          "[turn][security]") {
    looking_worker worker;
    constexpr std::uint32_t many = 64'000;
    CHECK(worker.look(many) == many);
    for (std::uint32_t halvings = 1; halvings <= 8; ++halvings) {
        const auto expected = many >> std::min(halvings, stranger_share::halvings_max);
        const auto answered = worker.look(many);
        CHECK(answered > expected * 8 / 10);
        CHECK(answered < expected * 12 / 10);
    }
    SECTION("each other look doubles it") {
        for (std::uint32_t i = 0; i < stranger_share::halvings_max; ++i) worker.look(1);
        CHECK(worker.look(many) == many);
    }
    SECTION("after a pause everybody is answered") {
        worker.now += stranger_share::pause;
        CHECK(worker.look(many) == many);
    }
}
