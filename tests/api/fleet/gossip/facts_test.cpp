#include "tests/api/fleet/gossip/seeds.hpp"
#include "tests/api/fleet/gossip/simulation.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::gossip;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::sys_seconds far_future{std::chrono::seconds{4'000'000'000}};

std::vector<std::byte> bytes_of(std::size_t number) {
    std::vector<std::byte> bytes(8);
    for (auto& each : bytes) {
        each = static_cast<std::byte>(number);
        number >>= 8U;
    }
    return bytes;
}

fact make_fact(std::size_t about, std::uint64_t version = 1) {
    return {.key = bytes_of(about),
            .body = bytes_of(static_cast<std::size_t>(version) * 1'000),
            .version = version,
            .until = far_future};
}

/// A simulation in which all know each other.
void come_together(simulation& fleet) {
    fleet.start_all();
    REQUIRE(fleet.run_until(10s, [&] { return fleet.agrees(); }));
}

}  // namespace

TEST_CASE("a fact is everywhere within 5 s, whatever gets lost", "[gossip][facts][simulation]") {
    for_each_seed(100, [](std::uint64_t seed) {
        simulation fleet{seed, 3 + seed % 8};
        fleet.conditions = {.loss = 0.05, .duplicates = 0.05, .delay_least = 100ms, .delay_most = 150ms};
        come_together(fleet);
        fleet.conditions.loss = 0.3;
        fleet.publish(seed % fleet.size(), make_fact(1));
        CHECK(fleet.run_until(5s, [&] { return fleet.all_hold(1); }));
    });
}

TEST_CASE("and without loss as soon as it can get there", "[gossip][facts][simulation]") {
    simulation fleet{1, 20};
    fleet.conditions = {.delay_least = 100ms, .delay_most = 150ms};
    come_together(fleet);
    fleet.publish(3, make_fact(1));
    CHECK(fleet.run_until(200ms, [&] { return fleet.all_hold(1); }));
}

TEST_CASE("a fact comes through a partition when that ends, and the newest counts on all sides",
          "[gossip][facts][simulation]") {
    for_each_seed(50, [](std::uint64_t seed) {
        simulation fleet{seed, 5};
        fleet.conditions = {.loss = 0.05, .delay_least = 10ms, .delay_most = 100ms};
        come_together(fleet);
        fleet.cut_apart([](std::size_t node) { return node < 2; });
        fleet.run_for(interval{fleet.below(8'000)});
        fleet.publish(0, make_fact(1, 7));
        fleet.publish(4, make_fact(1, 8));
        fleet.publish(1, make_fact(2));
        fleet.publish(3, make_fact(3));
        fleet.run_for(2s);
        CHECK_FALSE(fleet.all_hold(3));
        fleet.heal();
        CHECK(fleet.run_until(5s, [&] { return fleet.all_hold(3); }));
        for (std::size_t node = 0; node < fleet.size(); ++node) {
            const auto held = fleet.stored_by(node);
            CHECK(std::ranges::count(held, make_fact(1, 8)) == 1);
        }
    });
}

TEST_CASE("a node that was away hears of everything from others than those who said it",
          "[gossip][facts][simulation]") {
    simulation fleet{1, 4};
    come_together(fleet);
    fleet.publish(0, make_fact(1));
    fleet.run_for(1s);
    fleet.crash(3);
    fleet.publish(0, make_fact(1, 2));
    fleet.publish(0, make_fact(2));
    fleet.run_for(5s);
    fleet.crash(0);
    SECTION("and they have been there since") {}
    SECTION("and they know it from their own store") {
        for (const std::size_t node : {1U, 2U}) {
            fleet.crash(node);
            fleet.start(node);
        }
    }
    fleet.start(3);
    CHECK(fleet.run_until(5s, [&] { return fleet.all_hold(2); }));
}

TEST_CASE("a node that is new catches up with five thousand facts, and nothing is sent any more then",
          "[gossip][facts][simulation]") {
    simulation fleet{1, 3};
    fleet.start(0);
    fleet.start(1);
    constexpr std::size_t count = 5'000;
    for (std::size_t i = 0; i < count; ++i) fleet.publish(0, make_fact(i));
    REQUIRE(fleet.run_until(20s, [&] { return fleet.all_hold(count); }));
    fleet.start(2);
    CHECK(fleet.run_until(20s, [&] { return fleet.all_hold(count); }));
    fleet.run_for(5s);
    std::size_t bytes = 0;
    fleet.overhear = [&](std::size_t, const std::vector<std::byte>& datagram) { bytes += datagram.size(); };
    fleet.run_for(10s);
    CHECK(bytes < 100'000);
}

TEST_CASE("a node that is new has two thousand tokens within seconds", "[gossip][facts][simulation]") {
    constexpr std::size_t count = 2'000;
    constexpr std::size_t token_bytes = 450;
    simulation fleet{1, 3};
    fleet.conditions = {.loss = 0.01, .delay_least = 10ms, .delay_most = 150ms};
    fleet.start(0);
    fleet.start(1);
    for (std::size_t i = 0; i < count; ++i) {
        auto token = make_fact(i);
        token.kind = fact_kind::token;
        token.body.resize(token_bytes);
        fleet.publish(0, token);
    }
    REQUIRE(fleet.run_until(30s, [&] { return fleet.all_hold(count); }));
    std::size_t bytes = 0;
    fleet.overhear = [&](std::size_t to, const std::vector<std::byte>& datagram) {
        if (to == 2) bytes += datagram.size();
    };
    fleet.start(2);
    const auto taken = fleet.run_until(10s, [&] { return fleet.all_hold(count); });
    CHECK(taken);
    // No more than a few times what it had to be told.
    CHECK(bytes < 4 * count * token_bytes);
}

TEST_CASE("a delivery ends with who has confirmed", "[gossip][facts][simulation]") {
    simulation fleet{1, 4};
    fleet.conditions = {.loss = 0.2, .delay_most = 50ms};
    come_together(fleet);
    const auto ended = [&](interval within) {
        std::vector<delivery> all;
        fleet.run_until(within, [&] {
            all = fleet[0].take_deliveries(fleet.time_of(0));
            return !all.empty();
        });
        return all;
    };
    SECTION("which is everyone who lives") {
        const auto number = fleet.publish(0, make_fact(1));
        const auto all = ended(delivery_time);
        REQUIRE(all.size() == 1);
        CHECK(all.front().number == number);
        CHECK(all.front().confirmed.size() == 3);
        CHECK(all.front().waiting.empty());
        CHECK(fleet.all_hold(1));
    }
    SECTION("when its time is up, for those who do not answer") {
        fleet.cut(0, 2);
        const auto began = fleet.now();
        fleet.publish(0, make_fact(1));
        const auto all = ended(2 * delivery_time);
        REQUIRE(all.size() == 1);
        CHECK(fleet.now() - began >= delivery_time);
        CHECK(all.front().confirmed.size() == 2);
        CHECK(all.front().waiting == std::vector{fleet.known(2).id});
    }
    SECTION("and the dead are not waited for") {
        fleet.crash(1);
        REQUIRE(fleet.run_until(10s, [&] { return fleet.seen(0, 1) == node_state::dead; }));
        fleet.publish(0, make_fact(1));
        const auto all = ended(delivery_time - 100ms);
        REQUIRE(all.size() == 1);
        CHECK(all.front().confirmed.size() == 2);
    }
    SECTION("and so many at once are told by the gossip alone") {
        constexpr auto count = delivery_book::awaited_max / 3 + 100;
        for (std::size_t i = 0; i < count; ++i) fleet.publish(0, make_fact(i));
        CHECK(fleet.run_until(20s, [&] { return fleet.all_hold(count); }));
    }
}

TEST_CASE("an older fact is not taken up, nor one that is past its time, nor one of a stranger",
          "[gossip][facts]") {
    simulation fleet{1, 2};
    come_together(fleet);
    CHECK(fleet.publish(0, make_fact(1, 5)) != 0);
    CHECK(fleet.publish(0, make_fact(1, 5)) == 0);
    CHECK(fleet.publish(0, make_fact(1, 4)) == 0);
    auto old = make_fact(2);
    old.until = std::chrono::sys_seconds{1s};
    CHECK(fleet.publish(0, old) == 0);
    auto large = make_fact(3);
    large.body.resize(fact_bytes_max);
    CHECK(fleet.publish(0, large) == 0);
    fleet.run_for(1s);
    CHECK(fleet.stored_by(1) == std::vector{make_fact(1, 5)});

    const crypto::ed25519_key key{crypto::secret<32>{{1}}};
    auto told = sign(make_fact(4), node_id_of(key.public_key()), key);
    CHECK(is_signed_by(told, key.public_key()));
    told.values.version = 2;
    CHECK_FALSE(is_signed_by(told, key.public_key()));
}

TEST_CASE("a fact is forgotten when its time is up", "[gossip][facts][simulation]") {
    fact_ledger ledger;
    const wall_time now{std::chrono::sys_seconds{1'000s}};
    auto brief = make_fact(1);
    brief.until = std::chrono::sys_seconds{1'010s};
    for (const auto& each : {brief, make_fact(2)}) {
        REQUIRE(ledger.wants(each, now));
        ledger.put({.values = each, .signer = {}});
    }
    fact_ledger other;
    other.put({.values = make_fact(2), .signer = {}});
    CHECK(ledger.summarise().sums != other.summarise().sums);
    ledger.expire(now + 9s);
    CHECK(ledger.size() == 2);
    ledger.expire(now + 10s);
    CHECK(ledger.size() == 1);
    CHECK_FALSE(ledger.wants(brief, now + 10s));
    CHECK(ledger.summarise().sums == other.summarise().sums);
}

TEST_CASE("two ledgers find every difference, however deep", "[gossip][facts]") {
    fact_ledger mine;
    fact_ledger theirs;
    const crypto::ed25519_key signer{crypto::secret<32>{{1}}};
    constexpr std::size_t count = 20'000;
    for (std::size_t i = 0; i < count; ++i) {
        mine.put({.values = make_fact(i, i % 100 == 0 ? 2 : 1), .signer = {}});
        theirs.put({.values = make_fact(i), .signer = {}});
    }
    const std::function<void(fact_ledger&, const summary&)> compare = [&](fact_ledger& asked,
                                                                          const summary& sent) {
        for (const auto& answer : asked.compare(sent)) {
            if (const auto* const deeper = std::get_if<summary>(&answer)) {
                compare(&asked == &mine ? theirs : mine, *deeper);
                continue;
            }
            const auto& listed = std::get<inventory>(answer);
            const auto newer = mine.compare(&asked == &theirs ? listed : theirs.list(listed.of)).newer;
            for (const auto key : newer) theirs.put(mine.told(key, {}, signer));
        }
    };
    int rounds = 0;
    while (mine.summarise().sums != theirs.summarise().sums && ++rounds < 100) {
        compare(rounds % 2 == 0 ? mine : theirs, (rounds % 2 == 0 ? theirs : mine).summarise());
    }
    CHECK(rounds < 100);
}
