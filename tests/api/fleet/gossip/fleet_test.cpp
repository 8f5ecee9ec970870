#include "tests/api/fleet/gossip/seeds.hpp"
#include "tests/api/fleet/gossip/simulation.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace turnix;
using namespace turnix::gossip;
using namespace std::chrono_literals;

namespace {

constexpr network_conditions far_and_lossy{
    .loss = 0.05, .duplicates = 0.01, .delay_least = 100ms, .delay_most = 150ms};

/// Runs until all agree; then one of them crashes, and the others notice.
interval time_to_detect(std::uint64_t seed, std::size_t nodes, const network_conditions& conditions) {
    simulation fleet{seed, nodes};
    fleet.conditions = conditions;
    fleet.start_all();
    REQUIRE(fleet.run_until(10s, [&] { return fleet.agrees(); }));
    fleet.run_for(interval{fleet.below(1'000)});
    fleet.crash(seed % nodes);
    const auto took = fleet.run_until(20s, [&] { return fleet.all_see(seed % nodes, node_state::dead); });
    REQUIRE(took);
    return *took;
}

void tell_detection(std::size_t nodes, const std::vector<interval>& times) {
    tests::tell_figure("gossip-detection",
                       fmt::format("{} nodes, {} deaths: p50 {} ms, p99 {} ms, at most {} ms", nodes,
                                   times.size(), percentile(times, 0.5).count(),
                                   percentile(times, 0.99).count(), std::ranges::max(times).count()));
}

}  // namespace

TEST_CASE("nodes that start together find each other within 3 s", "[gossip][simulation]") {
    for (const std::size_t nodes : {1U, 2U, 3U, 20U, 50U}) {
        CAPTURE(nodes);
        simulation fleet{nodes, nodes};
        fleet.start_all();
        CHECK(fleet.run_until(3s, [&] { return fleet.agrees(); }));
    }
}

TEST_CASE("a node that dies is dead for all within 5 s at p99 without loss", "[gossip][simulation]") {
    for (const std::size_t nodes : {2U, 3U, 5U, 20U}) {
        CAPTURE(nodes);
        std::vector<interval> times;
        for_each_seed(nodes == 20 ? 20U : 100U, [&](std::uint64_t seed) {
            times.push_back(time_to_detect(seed, nodes, {.delay_most = 30ms}));
        });
        CHECK(percentile(times, 0.99) <= 5s);
        tell_detection(nodes, times);
    }
}

TEST_CASE("and within 10 s at 5 % loss and round trips of 300 ms", "[gossip][simulation]") {
    std::vector<interval> times;
    for_each_seed(100, [&](std::uint64_t seed) { times.push_back(time_to_detect(seed, 5, far_and_lossy)); });
    CHECK(percentile(times, 0.99) <= 10s);
    tell_detection(5, times);
}

TEST_CASE("and so are three of five that die at once", "[gossip][simulation]") {
    for_each_seed(50, [](std::uint64_t seed) {
        simulation fleet{seed, 5};
        fleet.start_all();
        REQUIRE(fleet.run_until(3s, [&] { return fleet.agrees(); }));
        fleet.run_for(interval{fleet.below(1'000)});
        for (const std::size_t node : {0U, 2U, 3U}) fleet.crash(node);
        CHECK(fleet.run_until(5s, [&] { return fleet.agrees(); }));
    });
}

namespace {

std::size_t false_deaths(std::uint64_t seed, std::chrono::minutes time) {
    simulation fleet{seed, 5};
    fleet.conditions = far_and_lossy;
    fleet.start_all();
    REQUIRE(fleet.run_until(10s, [&] { return fleet.agrees(); }));
    std::size_t deaths = 0;
    for (interval passed{0}; passed < time; passed += 1s) {
        fleet.run_for(1s);
        for (std::size_t by = 0; by < fleet.size(); ++by) {
            for (const auto& change : fleet[by].take_changes()) deaths += change.to == node_state::dead;
        }
    }
    return deaths;
}

}  // namespace

TEST_CASE("nobody is taken for dead at 5 % loss", "[gossip][simulation]") {
    const std::chrono::minutes time{tests::is_full_scale() ? std::chrono::days{1} : 10min};
    const auto deaths = false_deaths(number_from("TURNIX_SIMULATION_SEED", 1), time);
    CHECK(deaths == 0);
    tests::tell_figure("gossip-false-deaths",
                       fmt::format("{} false deaths of five nodes in {} minutes", deaths, time.count()));
}

TEST_CASE("draining is known everywhere within 2 s, and so is its end", "[gossip][simulation]") {
    simulation fleet{1, 20};
    fleet.conditions = {.loss = 0.05, .delay_least = 50ms, .delay_most = 100ms};
    fleet.start_all();
    REQUIRE(fleet.run_until(5s, [&] { return fleet.agrees(); }));
    fleet[3].declare({.state = declared_state::draining, .sessions = 7, .sessions_max = 100});
    CHECK(fleet.run_until(2s, [&] { return fleet.all_see(3, node_state::draining); }));
    CHECK(fleet.member_of(0, 3).record->values.status.sessions == 7);
    fleet[3].declare({.sessions_max = 100});
    CHECK(fleet.run_until(2s, [&] { return fleet.agrees(); }));
}

TEST_CASE("a node that leaves is gone at once, and comes back", "[gossip][simulation]") {
    simulation fleet{1, 5};
    fleet.start_all();
    REQUIRE(fleet.run_until(3s, [&] { return fleet.agrees(); }));
    fleet.leave(2);
    CHECK(fleet.run_until(500ms, [&] { return fleet.all_see(2, node_state::left); }));
    fleet.run_for(10s);
    CHECK(fleet.all_see(2, node_state::left));
    fleet.start(2);
    CHECK(fleet.run_until(3s, [&] { return fleet.agrees(); }));
}

TEST_CASE("a node that is back before it was missed is as good as new", "[gossip][simulation]") {
    simulation fleet{1, 5};
    fleet.start_all();
    REQUIRE(fleet.run_until(3s, [&] { return fleet.agrees(); }));
    fleet.crash(2);
    fleet.run_for(300ms);
    fleet.start(2);
    fleet.run_for(3s);
    CHECK(fleet.agrees());
    fleet.run_for(5s);
    CHECK(fleet.agrees());
}

TEST_CASE("a node whose count of starts was lost goes on above what the others remember",
          "[gossip][simulation]") {
    simulation fleet{1, 3};
    fleet.start_all();
    REQUIRE(fleet.run_until(3s, [&] { return fleet.agrees(); }));
    fleet.crash(1);
    REQUIRE(fleet.run_until(6s, [&] { return fleet.all_see(1, node_state::dead); }));
    fleet.start(1, 1);
    CHECK(fleet.run_until(3s, [&] { return fleet.agrees(); }));
}

TEST_CASE("both sides of a partition drop the other one, and one side knows that it may be wrong",
          "[gossip][simulation]") {
    simulation fleet{1, 5};
    fleet.start_all();
    REQUIRE(fleet.run_until(3s, [&] { return fleet.agrees(); }));
    CHECK_FALSE(fleet[0].is_minority());
    fleet.cut_apart([](std::size_t node) { return node < 2; });
    fleet.run_for(6s);
    CHECK(fleet.seen(0, 1) == node_state::alive);
    CHECK(fleet.seen(2, 4) == node_state::alive);
    CHECK(fleet.seen(4, 0) == node_state::dead);
    CHECK(fleet.seen(0, 4) == node_state::dead);
    CHECK(fleet[0].is_minority());
    CHECK(fleet[1].is_minority());
    CHECK_FALSE(fleet[2].is_minority());
    fleet.heal();
    CHECK(fleet.run_until(3s, [&] { return fleet.agrees(); }));
    CHECK_FALSE(fleet[0].is_minority());
}

TEST_CASE("who was cut off finds those who are there among many who are gone", "[gossip][simulation]") {
    for_each_seed(3, [](std::uint64_t seed) {
        simulation fleet{seed, 20};
        fleet.conditions = {.delay_most = 100ms};
        fleet.start_all();
        REQUIRE(fleet.run_until(3s, [&] { return fleet.agrees(); }));
        fleet.cut_apart([](std::size_t node) { return node == 0; });
        for (std::size_t node = 10; node < 20; ++node) fleet.crash(node);
        fleet.run_for(60s);
        for (std::size_t node = 1; node < 20; ++node) REQUIRE(fleet.seen(0, node) == node_state::dead);
        const auto sent = fleet[1].counters().sent;
        fleet.heal();
        CHECK(fleet.run_until(2s, [&] { return fleet.agrees(); }));
        // Asking for all who are gone is paid once, not again and again.
        fleet.run_for(3s);
        CHECK(fleet[1].counters().sent - sent < 150);
    });
}

TEST_CASE("who hears of a fleet from a minority of it takes nobody for alive who is dead",
          "[gossip][simulation]") {
    simulation fleet{1, 5};
    fleet.cut_apart([](std::size_t node) { return node == 4; });
    fleet.start_all();
    fleet.run_for(3s);
    for (const std::size_t node : {1U, 2U, 3U}) fleet.crash(node);
    fleet.run_for(30s);
    REQUIRE(fleet[0].is_minority());
    fleet.heal();
    for (int i = 0; i < 100; ++i) {
        fleet.run_for(50ms);
        for (const std::size_t node : {1U, 2U, 3U}) CHECK_FALSE(is_live(fleet.seen(4, node)));
    }
    CHECK(fleet.seen(4, 0) == node_state::alive);
}

TEST_CASE("of two nodes neither is a minority", "[gossip][simulation]") {
    simulation fleet{1, 2};
    fleet.start_all();
    REQUIRE(fleet.run_until(3s, [&] { return fleet.agrees(); }));
    fleet.crash(1);
    CHECK(fleet.run_until(5s, [&] { return fleet.seen(0, 1) == node_state::dead; }));
    CHECK_FALSE(fleet[0].is_minority());
}

TEST_CASE("a path that is broken between two nodes only makes nobody dead", "[gossip][simulation]") {
    simulation fleet{1, 4};
    fleet.start_all();
    REQUIRE(fleet.run_until(3s, [&] { return fleet.agrees(); }));
    fleet.cut(0, 1);
    fleet.cut(1, 0);
    for (int i = 0; i < 30; ++i) {
        fleet.run_for(1s);
        CHECK(is_live(fleet.seen(0, 1)));
        CHECK(is_live(fleet.seen(1, 0)));
    }
}

TEST_CASE("a process that did not run for a while takes nobody for dead", "[gossip][simulation]") {
    simulation fleet{1, 5};
    fleet.start_all();
    REQUIRE(fleet.run_until(3s, [&] { return fleet.agrees(); }));
    fleet.pause(0, 4s);
    fleet.run_for(5s);
    for (std::size_t other = 1; other < 5; ++other) CHECK(is_live(fleet.seen(0, other)));
    CHECK(fleet.run_until(3s, [&] { return fleet.agrees(); }));
}
