#include "api/fleet/fact_exchange.hpp"

#include "api/fleet/node_key.hpp"
#include "api/fleet/override_fact.hpp"
#include "tests/api/fleet/relay_stub.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::fleet;

namespace {

crypto::ed25519_public_key key_number(std::uint8_t number) {
    return crypto::ed25519_key{crypto::secret<32>{{number}}}.public_key();
}

std::string node_text(std::uint8_t number) {
    return "{host: h, udp: 1, gossip: \"192.0.2." + std::to_string(number) +
           ":7946\", public_key: " + to_text(key_number(number)) + "}";
}

std::string region_text(const std::string& slug, const std::string& nodes) {
    return "  - {slug: " + slug + ", country: DE, city: C, name: N, lat: 1, lon: 1, nodes: [" + nodes +
           "]}\n";
}

contract::credential_override make_override(contract::override_kind kind) {
    contract::credential_override made{
        .target = {.project = {{1, 2}}, .scope = contract::override_scope::room, .name = "stand-up_1"},
        .kind = kind,
        .issued_before = std::chrono::sys_seconds{std::chrono::seconds{1'700'000'000}},
        .version = 77,
        .until = std::chrono::sys_seconds{std::chrono::seconds{1'800'000'000}}};
    made.sessions = contract::live_sessions_rule::drain;
    made.expires_at = made.issued_before + std::chrono::seconds{1};
    made.sessions_end_at = made.issued_before + std::chrono::seconds{2};
    made.limits = {.bitrate_bps_max = 9'000'000'000, .bytes_max = std::nullopt, .allocations_max = 3};
    return made;
}

contract::credential_override make_packet_cap() {
    auto made = make_override(contract::override_kind::cap);
    made.limits.packets_per_second_max = 60;
    return made;
}

}  // namespace

TEST_CASE("an override comes back from a fact as it was", "[fleet][facts]") {
    for (const auto kind :
         {contract::override_kind::revoke, contract::override_kind::extend, contract::override_kind::cap}) {
        auto made = make_override(kind);
        CHECK(override_of(fact_of(made)) == made);
        made.target = {.project = {{3}}, .scope = contract::override_scope::token, .id = {7, 8}};
        CHECK(override_of(fact_of(made)) == made);
    }
}

TEST_CASE("a cap without a packet rate is the fact that it was before there was one", "[fleet][facts]") {
    const auto made = make_packet_cap();
    const auto told = fact_of(made);
    CHECK(override_of(told) == made);
    const auto before = fact_of(make_override(contract::override_kind::cap));
    CHECK(before.body.size() == 44);
    CHECK(told.body.size() == before.body.size() + 4);
}

TEST_CASE("what is no override is none", "[fleet][facts]") {
    const auto told =
        fact_of(GENERATE(false, true) ? make_packet_cap() : make_override(contract::override_kind::cap));
    for (std::size_t length = 0; length < told.key.size(); ++length) {
        auto shorter = told;
        shorter.key.resize(length);
        // A shorter name is a name.
        CHECK(override_of(shorter).has_value() == (length >= 34));
    }
    for (std::size_t length = 0; length <= told.body.size() + 1; ++length) {
        auto other = told;
        other.body.resize(length);
        CHECK(override_of(other).has_value() == (length == told.body.size()));
    }
    auto other = told;
    other.key[0] = std::byte{3};
    CHECK_FALSE(override_of(other));
    other = told;
    other.key.back() = std::byte{'/'};
    CHECK_FALSE(override_of(other));
    other = told;
    other.kind = gossip::fact_kind{200};
    CHECK_FALSE(override_of(other));
}

TEST_CASE("a region has confirmed when each of its nodes has", "[fleet][facts]") {
    const relay_stub relay;
    const region_directory regions{
        *region_catalogue::parse("regions:\n" + region_text("a", node_text(1)) +
                                     region_text("b", node_text(2) + ", " + node_text(3)) +
                                     region_text("c", "{host: h, udp: 1}"),
                                 "regions.yaml"),
        "a", relay};
    fact_exchange exchange{regions};
    using slugs = std::vector<std::string>;
    std::optional<reached_regions> reached;
    const auto tell = [&](std::size_t facts) {
        reached.reset();
        exchange.tell(std::vector<gossip::fact>(facts), [&](const reached_regions& to) { reached = to; });
    };
    tell(1);
    REQUIRE(reached);
    CHECK(reached->confirmed == slugs{"a"});
    CHECK(reached->pending == slugs{"b", "c"});

    std::vector<std::function<void(std::vector<gossip::node_id>)>> waiting;
    exchange.join([&](const gossip::fact&, auto then) { waiting.push_back(std::move(then)); });
    tell(2);
    REQUIRE(waiting.size() == 2);
    waiting[0]({});
    CHECK_FALSE(reached);
    SECTION("all have") {
        waiting[1]({});
        REQUIRE(reached);
        // A node that does not gossip is told nothing.
        CHECK(reached->confirmed == slugs{"a", "b"});
        CHECK(reached->pending == slugs{"c"});
    }
    SECTION("one of two nodes lacks one of two facts") {
        waiting[1]({gossip::node_id_of(key_number(3))});
        REQUIRE(reached);
        CHECK(reached->confirmed == slugs{"a"});
        CHECK(reached->pending == slugs{"b", "c"});
    }
}
