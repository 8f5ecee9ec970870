#include "api/fleet/node_key.hpp"
#include "api/fleet/region_selector.hpp"
#include "api/fleet/region_watch.hpp"
#include "tests/api/fleet/gossiping_fleet.hpp"
#include "tests/api/scratch_directory.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace turnix;
using namespace turnix::fleet;
using namespace std::chrono_literals;

TEST_CASE("a region is operational while one of its nodes is", "[fleet][gossip]") {
    gossiping_fleet fleet;
    CHECK(fleet.state("there").operational);
    fleet.agents[1].reset();
    fleet.run(5s);
    CHECK(fleet.state("there").operational);
    fleet.agents[2]->declare({.state = gossip::declared_state::draining, .sessions_max = 10});
    fleet.run(1s);
    CHECK(fleet.state("there").online);
    CHECK_FALSE(fleet.state("there").operational);
    fleet.agents[2]->declare({.sessions = 10, .sessions_max = 10});
    fleet.run(1s);
    CHECK_FALSE(fleet.state("there").operational);
    fleet.agents[2].reset();
    fleet.run(5s);
    CHECK_FALSE(fleet.state("there").online);
}

TEST_CASE("a region is as loaded as those of its nodes that take new sessions", "[fleet][gossip]") {
    gossiping_fleet fleet;
    CHECK(fleet.state("there").load == 0.0);
    CHECK(fleet.state("there").nodes_online == 2);
    CHECK_FALSE(fleet.state("elsewhere").load);
    fleet.agents[1]->declare({.sessions = 5, .sessions_max = 10});
    fleet.run(1s);
    CHECK(fleet.state("there").load == 0.25);
    fleet.agents[2]->declare({.state = gossip::declared_state::draining, .sessions = 9, .sessions_max = 10});
    fleet.run(1s);
    CHECK(fleet.state("there").load == 0.5);
    CHECK_FALSE(fleet.state("there").draining);
    fleet.agents[1]->declare({.state = gossip::declared_state::draining, .sessions_max = 10});
    fleet.run(1s);
    CHECK(fleet.state("there").load == 0.45);
    CHECK(fleet.state("there").draining);
}

TEST_CASE("regions are as far apart as their nearest nodes that live", "[fleet][gossip]") {
    gossiping_fleet fleet;
    fleet.run(10s);
    const auto between = [&](const char* a, const char* b) {
        return fleet.directory.round_trip(*fleet.directory.find(a), *fleet.directory.find(b));
    };
    CHECK(between("here", "there") == gossip::round_trip_time{0});
    CHECK(between("there", "here") == gossip::round_trip_time{0});
    CHECK_FALSE(between("here", "elsewhere"));
    fleet.agents[1].reset();
    fleet.agents[2].reset();
    fleet.run(6s);
    CHECK_FALSE(between("here", "there"));
    CHECK(fleet.directory.is_stale());
}

TEST_CASE("the regions file speaks for nodes that do not gossip only", "[fleet][gossip]") {
    gossiping_fleet fleet;
    CHECK(fleet.state("elsewhere").operational);
    fleet.agents[1].reset();
    fleet.agents[2].reset();
    fleet.run(6s);
    CHECK_FALSE(fleet.state("there").online);
    CHECK(fleet.state("elsewhere").operational);
    CHECK(fleet.state("here").operational);
    CHECK(region_selector{fleet.directory, std::nullopt}.select({.fixed = "there"}).error() ==
          selection_error::not_operational);
}

TEST_CASE("in a region the less loaded of two nodes serves, at the ports that it says it has",
          "[fleet][gossip]") {
    gossiping_fleet fleet;
    const auto& there = *fleet.directory.find("there");
    fleet.agents[1]->declare({.sessions = 5, .sessions_max = 10, .ports = {.tcp = 80}});
    fleet.run(1s);
    for (std::uint64_t random = 0; random < 4; ++random) {
        const auto chosen = fleet.directory.other_node(there, random);
        REQUIRE(chosen);
        CHECK(chosen->host == "n2");
        CHECK(chosen->udp == 3478);
        CHECK(chosen->tls == 443);
        CHECK(chosen->tcp == 0);
    }
    fleet.agents[2].reset();
    fleet.run(5s);
    CHECK(fleet.directory.other_node(there, 0)->host == "n1");
    CHECK(fleet.directory.other_node(*fleet.directory.find("elsewhere"), 7)->host == "silent");
    CHECK_FALSE(fleet.directory.other_node(fleet.directory.own(), 0));
}

TEST_CASE("a region that goes down is noticed once, and so is one that is back", "[fleet][gossip]") {
    gossiping_fleet fleet;
    region_watch watch;
    CHECK(watch.look(fleet.directory).empty());
    fleet.agents[1].reset();
    fleet.run(6s);
    CHECK(watch.look(fleet.directory).empty());  // its other node serves
    fleet.agents[2]->declare({.state = gossip::declared_state::draining, .sessions_max = 10});
    fleet.run(1s);
    CHECK(watch.look(fleet.directory).empty());
    fleet.agents[2].reset();
    fleet.run(6s);
    const auto down = watch.look(fleet.directory);
    REQUIRE(down.size() == 1);
    CHECK(down[0].region == "there");
    CHECK(down[0].seen_from == "here");
    CHECK_FALSE(down[0].is_online);
    CHECK(down[0].is_stale);
    CHECK(watch.look(fleet.directory).empty());
    fleet.start(1);
    fleet.run(3s);
    const auto up = watch.look(fleet.directory);
    REQUIRE(up.size() == 1);
    CHECK(up[0].is_online);
    CHECK_FALSE(up[0].is_stale);
    CHECK(watch.look(fleet.directory).empty());
}

TEST_CASE("a node's key comes back from its file", "[fleet][key]") {
    const scratch_directory directory;
    const auto file = directory.path() / "node.key";
    make_node_key(file);
    const auto public_key = crypto::ed25519_key{load_node_key(file)}.public_key();
    CHECK(public_key_from(to_text(public_key)) == public_key);
    CHECK_FALSE(public_key_from(to_text(public_key).substr(1)));
    CHECK_FALSE(public_key_from("?"));
    make_node_key(file);
    CHECK_FALSE(crypto::ed25519_key{load_node_key(file)}.public_key() == public_key);
}
