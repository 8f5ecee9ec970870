#include "tests/api/fleet/gossip/simulation.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::gossip;
using namespace std::chrono_literals;

namespace {

/// Two nodes that know each other, and every datagram that node 0 was sent meanwhile.
struct pair_of_nodes {
    simulation fleet{7, 2};
    std::vector<std::vector<std::byte>> to_first;

    pair_of_nodes() {
        fleet.overhear = [this](std::size_t to, const std::vector<std::byte>& datagram) {
            if (to == 0) to_first.push_back(datagram);
        };
        fleet.start_all();
        REQUIRE(fleet.run_until(3s, [&] { return fleet.agrees(); }));
        fleet.run_for(2s);
    }
};

}  // namespace

TEST_CASE("a datagram counts once", "[gossip][datagrams]") {
    pair_of_nodes nodes;
    const auto before = nodes.fleet[0].counters();
    const auto copies = nodes.to_first;
    for (const auto& each : copies) nodes.fleet.deliver(0, each);
    CHECK(nodes.fleet[0].counters().received == before.received);
    CHECK(nodes.fleet[0].counters().replayed > before.replayed);
}

TEST_CASE("what was recorded before a restart says nothing after it", "[gossip][datagrams]") {
    pair_of_nodes nodes;
    const auto copies = nodes.to_first;
    SECTION("of the one who hears it, when the sender is dead") {
        nodes.fleet.crash(1);
        nodes.fleet.crash(0);
        nodes.fleet.start(0);
        for (const auto& each : copies) nodes.fleet.deliver(0, each);
        nodes.fleet.run_for(1s);
        CHECK(nodes.fleet.seen(0, 1) == node_state::unknown);
        CHECK(nodes.fleet[0].counters().received == 0);
        CHECK(nodes.fleet[0].counters().unproven > 0);
    }
    SECTION("of the sender") {
        nodes.fleet.crash(1);
        nodes.fleet.start(1);
        REQUIRE(nodes.fleet.run_until(3s, [&] { return nodes.fleet.agrees(); }));
        nodes.fleet.run_for(1s);
        const auto received = nodes.fleet[0].counters().received;
        for (const auto& each : copies) nodes.fleet.deliver(0, each);
        CHECK(nodes.fleet[0].counters().received == received);
        nodes.fleet.run_for(5s);
        CHECK(nodes.fleet.agrees());
    }
}

TEST_CASE("a datagram that was changed anywhere, or is for another node, is refused", "[gossip][datagrams]") {
    simulation fleet{7, 3};
    std::vector<std::byte> sample;
    fleet.overhear = [&](std::size_t to, const std::vector<std::byte>& datagram) {
        if (to == 0) sample = datagram;
    };
    fleet.start_all();
    fleet.run_for(2s);
    const auto received = fleet[0].counters().received;
    const auto refused = fleet[0].counters().refused;
    const auto copy = sample;
    for (std::size_t at = 0; at < copy.size(); ++at) {
        auto changed = copy;
        changed[at] ^= std::byte{1};
        fleet.deliver(0, changed);
    }
    for (std::size_t length = 0; length < copy.size(); ++length) {
        fleet.deliver(0, {copy.begin(), copy.begin() + static_cast<std::ptrdiff_t>(length)});
    }
    CHECK(fleet[0].counters().received == received);
    CHECK(fleet[0].counters().refused == refused + 2 * copy.size());
    const auto refused_by_other = fleet[1].counters().refused;
    fleet.deliver(1, copy);
    CHECK(fleet[1].counters().refused == refused_by_other + 1);
}

TEST_CASE("who has no key of the fleet, or is not pinned, gets no answer", "[gossip][datagrams]") {
    pair_of_nodes nodes;
    auto& fleet = nodes.fleet;
    const auto now = fleet.time_of(0);
    const auto answers_to = [&](const crypto::secret<32>& key, const key_ring_pointer& ring) {
        agent stranger{
            {.key = key, .nodes = {fleet.known(0)}, .keys = ring, .status = {}, .random = fleet.filler()},
            now};
        stranger.on_tick(now);
        const auto sent = fleet[0].counters().sent;
        for (const auto& each : stranger.take_outgoing()) fleet.deliver(0, each.datagram);
        return fleet[0].counters().sent - sent;
    };
    const auto other_ring = std::make_shared<const credential::key_ring>(
        credential::key_ring::generate(now, std::chrono::days{1}));
    CHECK(answers_to(fleet.key_of(1), fleet.keys()) > 0);
    CHECK(answers_to(fleet.key_of(1), other_ring) == 0);
    CHECK(answers_to(crypto::secret<32>{}, fleet.keys()) == 0);
}

TEST_CASE("a record counts when its node signed it", "[gossip][records]") {
    const crypto::ed25519_key key{crypto::secret<32>{{1}}};
    const crypto::ed25519_key other{crypto::secret<32>{{2}}};
    const std::vector<known_node> nodes{{key.public_key(), {}}};
    member_table table{nodes, node_id_of(other.public_key())};
    node_record values{.node = node_id_of(key.public_key()), .version = {.incarnation = 5}, .status = {}};
    CHECK_FALSE(table.learn(sign(values, other)));
    CHECK(table.learn(sign(values, key)));
    CHECK_FALSE(table.learn(sign(values, key)));
    values.version.sequence = 1;
    auto changed = sign(values, key);
    changed.bytes[20] ^= std::byte{1};
    CHECK_FALSE(table.learn(changed));
    values.node = node_id_of(other.public_key());
    CHECK_FALSE(table.learn(sign(values, other)));
}

TEST_CASE("a verdict holds for the incarnation that is known", "[gossip][records]") {
    const crypto::ed25519_key key{crypto::secret<32>{{1}}};
    const auto id = node_id_of(key.public_key());
    const std::vector<known_node> nodes{{key.public_key(), {}}};
    member_table table{nodes, {}};
    const monotonic_time now{1h};
    const auto judge = [&](std::uint64_t incarnation, verdict_kind kind) {
        return table.judge({.about = id, .incarnation = incarnation, .kind = kind, .accuser = {}}, now);
    };
    CHECK_FALSE(judge(0, verdict_kind::dead));
    table.learn(sign({.node = id, .version = {.incarnation = 5}, .status = {}}, key));
    CHECK_FALSE(judge(4, verdict_kind::dead));
    CHECK_FALSE(judge(6, verdict_kind::dead));
    CHECK(judge(5, verdict_kind::suspect));
    CHECK_FALSE(judge(5, verdict_kind::suspect));
    CHECK(table.find(id)->state() == node_state::suspect);
    SECTION("the next sequence does not refute it, the next incarnation does") {
        table.learn(sign({.node = id, .version = {.incarnation = 5, .sequence = 1}, .status = {}}, key));
        CHECK(table.find(id)->state() == node_state::suspect);
        table.learn(sign({.node = id, .version = {.incarnation = 6}, .status = {}}, key));
        CHECK(table.find(id)->state() == node_state::alive);
    }
    SECTION("dead is stronger, and stays") {
        CHECK(judge(5, verdict_kind::dead));
        CHECK_FALSE(judge(5, verdict_kind::suspect));
        CHECK(table.find(id)->state() == node_state::dead);
    }
}

TEST_CASE("messages come back as they were written, and nothing else is a message", "[gossip][messages]") {
    const crypto::ed25519_key key{crypto::secret<32>{}};
    const auto record =
        sign({.node = node_id_of(key.public_key()),
              .version = {.incarnation = 1, .sequence = 2},
              .status = {.sessions = 3, .sessions_max = 4, .ports = {.udp = 3478, .tls = 443}}},
             key);
    const verdict judged{.about = record.values.node, .incarnation = 9, .accuser = {}};
    digest comparison;
    comparison.entries.resize(digest_entries_max);
    const auto told = sign({.key = {3, std::byte{1}}, .body = {5, std::byte{2}}, .version = 9, .until = {}},
                           record.values.node, key);
    const key_range range = key_range{}.part(63).part(1);
    inventory listed{.of = range, .wants_answer = true, .entries = {}};
    listed.entries.resize(40);
    for (const auto& body : std::vector<message_body>{
             hello{}, ping{1}, ping_request{.number = 2, .target = {}}, ack{3}, nack{4}, comparison,
             tidings{}, summary{.of = range}, listed, fact_delivery{.number = 5, .told = told}, receipt{6}}) {
        const auto bytes = write_message({.body = body, .told = {record, judged, told}});
        CHECK(bytes.size() ==
              size_of(body) + size_of(news{record}) + size_of(news{judged}) + size_of(news{told}));
        CHECK(bytes.size() <= envelope::plain_bytes_max);
        const auto read = read_message(bytes);
        REQUIRE(read);
        CHECK(read->body.index() == body.index());
        CHECK(write_message(*read) == bytes);
        auto longer = bytes;
        longer.push_back({});
        CHECK_FALSE(read_message(longer));
        for (std::size_t length = 0; length < bytes.size(); ++length) {
            CHECK_FALSE(read_message(std::span{bytes}.first(length)));
        }
    }
}
