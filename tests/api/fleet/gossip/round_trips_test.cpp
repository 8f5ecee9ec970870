#include "tests/api/fleet/gossip/simulation.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

using namespace turnix;
using namespace turnix::gossip;
using namespace std::chrono_literals;

namespace {

/// Between two of a fleet, as one of them knows it; nothing when it does not.
std::optional<round_trip_time> known_to(simulation& fleet, std::size_t observer, std::size_t from,
                                        std::size_t to) {
    for (const auto& each : fleet[observer].paths()) {
        if (each.from == fleet.known(from).id && each.to == fleet.known(to).id) return each.time;
    }
    return std::nullopt;
}

/// Does everybody know of every pair, within so much?
bool all_know(simulation& fleet, interval least, interval most) {
    for (std::size_t observer = 0; observer < fleet.size(); ++observer) {
        const auto paths = fleet[observer].paths();
        if (paths.size() != fleet.size() * (fleet.size() - 1)) return false;
        const bool fit = std::ranges::all_of(
            paths, [&](const measured_path& each) { return each.time >= least && each.time <= most; });
        if (!fit) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("all nodes know how long it takes between any two, as it is", "[gossip][round_trips]") {
    struct row {
        std::size_t nodes;
        interval least;
        interval most;
        interval within;
    };
    for (const auto& [nodes, least, most, within] : {row{2, 1ms, 1ms, 3s}, row{3, 40ms, 40ms, 5s},
                                                     row{5, 100ms, 120ms, 10s}, row{20, 20ms, 20ms, 60s}}) {
        CAPTURE(nodes);
        simulation fleet{nodes, nodes};
        fleet.conditions = {.loss = 0.02, .delay_least = least, .delay_most = most};
        fleet.start_all();
        CHECK(fleet.run_until(within, [&] { return all_know(fleet, 2 * least, 2 * most); }));
    }
}

TEST_CASE("a measured round trip follows the network, and no single datagram", "[gossip][round_trips]") {
    simulation fleet{1, 2};
    fleet.conditions = {.delay_least = 20ms, .delay_most = 20ms};
    fleet.start_all();
    fleet.run_for(5s);
    REQUIRE(known_to(fleet, 0, 0, 1) == 40ms);
    fleet.conditions = {.delay_least = 100ms, .delay_most = 100ms};
    fleet.run_for(300ms);
    CHECK(known_to(fleet, 0, 0, 1) < 110ms);
    fleet.run_for(30s);
    CHECK(std::abs((*known_to(fleet, 0, 0, 1) - 200ms) / 1ms) <= 2);
}

TEST_CASE("neither a pause nor a path that is broken is taken for a long way", "[gossip][round_trips]") {
    simulation fleet{1, 3};
    fleet.conditions = {.delay_least = 20ms, .delay_most = 20ms};
    fleet.start_all();
    fleet.run_for(10s);
    SECTION("a pause of either") {
        fleet.pause(0, 3s);
        fleet.run_for(10s);
    }
    SECTION("answers by way of others") {
        fleet.cut(0, 1);
        fleet.run_for(20s);
    }
    CHECK(known_to(fleet, 0, 0, 1) == 40ms);
    CHECK(known_to(fleet, 1, 1, 0) == 40ms);
    CHECK(known_to(fleet, 2, 0, 1) == 40ms);
}

TEST_CASE("what is not measured any more is forgotten", "[gossip][round_trips]") {
    simulation fleet{1, 3};
    fleet.start_all();
    fleet.run_for(10s);
    REQUIRE(known_to(fleet, 0, 1, 2));
    fleet.crash(1);
    fleet.run_for(round_trip_age_max + 10s);
    CHECK_FALSE(known_to(fleet, 0, 0, 1));
    fleet.run_for(round_trip_age_max);  // others told of theirs as long as they knew
    CHECK_FALSE(known_to(fleet, 0, 1, 2));
    CHECK_FALSE(known_to(fleet, 0, 2, 1));
    CHECK(known_to(fleet, 0, 2, 0));
}

TEST_CASE("a node tells of its own paths only, and of nodes of the fleet", "[gossip][round_trips]") {
    const auto id = [](std::uint8_t value) { return node_id{{value}}; };
    round_trip_book book{id(1)};
    const monotonic_time now{1h};
    book.measure(id(2), direct_timeout, now);
    book.hear(id(2), std::array{round_trip{id(2), 1ms}, round_trip{id(3), direct_timeout}}, now);
    CHECK(book.all().empty());
    for (std::uint8_t other = 2; other < 60; ++other) book.measure(id(other), 3ms, now);
    book.hear(id(2), std::array{round_trip{id(1), 5ms}}, now);
    const auto parts = book.own();
    REQUIRE(parts.size() == 2);
    CHECK(parts[0].size() == round_trips_told_max);
    CHECK(parts[1].size() == 2);
    CHECK(size_of(message_body{round_trips{parts[0]}}) <= envelope::plain_bytes_max);
    CHECK(book.all().size() == 59);
}
