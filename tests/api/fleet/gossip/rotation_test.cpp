// The key that seals the gossip changes while the nodes talk.
#include "tests/api/fleet/gossip/seeds.hpp"
#include "tests/api/fleet/gossip/simulation.hpp"

#include <catch2/catch.hpp>

#include <memory>

using namespace turnix;
using namespace turnix::gossip;
using namespace std::chrono_literals;

namespace {

/// The rings of a rotation: with the second key that is new, that is used, and without the first one.
struct rotation {
    explicit rotation(const key_ring_pointer& first, wall_time now) {
        auto key = credential::key_ring::make_key(2, now - 24h, std::chrono::days{3650});
        fresh = std::make_shared<const credential::key_ring>(first->with(key));
        key.used_at = std::chrono::floor<std::chrono::seconds>(now);
        used = std::make_shared<const credential::key_ring>(fresh->with(key));
        auto retired = *used->find(1);
        retired.retired = true;
        last = std::make_shared<const credential::key_ring>(used->with(retired));
    }

    key_ring_pointer fresh;
    key_ring_pointer used;
    key_ring_pointer last;
};

bool has_changes(simulation& fleet) {
    bool found = false;
    for (std::size_t i = 0; i < fleet.size(); ++i) {
        if (fleet.runs(i)) found |= !fleet[i].take_changes().empty();
    }
    return found;
}

/// One node after the other, as the word spreads.
void hand_out(simulation& fleet, const key_ring_pointer& ring) {
    for (std::size_t i = 0; i < fleet.size(); ++i) {
        if (fleet.runs(i)) fleet[i].use(ring);
        fleet.run_for(interval{fleet.below(1'000)});
    }
    fleet.run_for(3s);
}

}  // namespace

TEST_CASE("no node drops out of the fleet while its key changes", "[gossip][keys][simulation]") {
    for_each_seed(50, [](std::uint64_t seed) {
        simulation fleet{seed, 2 + seed % 6};
        fleet.conditions = {.loss = 0.02, .delay_least = 10ms, .delay_most = 150ms};
        fleet.start_all();
        REQUIRE(fleet.run_until(20s, [&] { return fleet.agrees(); }));
        const rotation keys{fleet.keys(), fleet.time_of(0).wall};
        has_changes(fleet);
        for (const auto& ring : {keys.fresh, keys.used, keys.last}) {
            hand_out(fleet, ring);
            CHECK(fleet.agrees());
        }
        CHECK(fleet.run_until(20s, [&] { return fleet.agrees(); }));
    });
}

TEST_CASE("a node that was away while the key changed comes back with the old one, until that is retired",
          "[gossip][keys][simulation]") {
    simulation fleet{1, 4};
    fleet.start_all();
    REQUIRE(fleet.run_until(10s, [&] { return fleet.agrees(); }));
    const rotation keys{fleet.keys(), fleet.time_of(0).wall};
    fleet.crash(3);
    hand_out(fleet, keys.fresh);
    hand_out(fleet, keys.used);
    REQUIRE(fleet.run_until(10s, [&] { return fleet.agrees(); }));
    fleet.start(3);
    CHECK(fleet.run_until(10s, [&] { return fleet.agrees(); }));
    fleet.run_for(10s);
    CHECK(fleet.agrees());

    fleet.crash(3);
    hand_out(fleet, keys.last);
    fleet.start(3);
    CHECK_FALSE(fleet.run_until(10s, [&] { return fleet.agrees(); }));
    fleet[3].use(keys.used);
    CHECK(fleet.run_until(10s, [&] { return fleet.agrees(); }));
}

TEST_CASE("nothing is sealed twice once the nodes have the same key", "[gossip][keys][simulation]") {
    simulation fleet{1, 2};
    fleet.start_all();
    REQUIRE(fleet.run_until(10s, [&] { return fleet.agrees(); }));
    const rotation keys{fleet.keys(), fleet.time_of(0).wall};
    const auto datagrams = [&] {
        const auto before = fleet[0].counters().sent;
        fleet.run_for(60s);
        return fleet[0].counters().sent - before;
    };
    const auto usual = datagrams();
    hand_out(fleet, keys.used);
    CHECK(datagrams() < usual + usual / 10);
}
