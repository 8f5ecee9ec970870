#include "tests/relay/turn/conversation.hpp"

#include "tests/scale.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace turnix;
using namespace turnix::turn_test;

// Each seed is a test of its own, so that they run side by side, and one that fails is replayed by its name.
TEMPLATE_TEST_CASE_SIG(
    "100,000 random sequences: ports, quota and events balance, no non-request is answered, answers are "
    "short, no denied peer is reached, with seed",
    "[property]", ((std::uint32_t seed), seed), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10) {
    constexpr std::uint32_t conversations = tests::rounds(10'000U);
    std::mt19937 generator{seed};
    world node{[](contract::relay_settings& settings) { settings.tcp_relay.enabled = true; }};
    for (std::uint32_t i = 0; i < conversations; ++i) {
        INFO("conversation " << i);
        conversation talk{node, [&](std::uint32_t bound) { return generator() % bound; }};
        const auto steps = 1 + generator() % 48;
        for (std::uint32_t step = 0; step < steps; ++step) talk.step();
        talk.end();
    }
    node.pass(turn::reservation_lifetime);
    CHECK(node.ports.reserved_ports() == 0);
    CHECK(node.admission.sessions() == 0);
    // It would all hold of a server that does nothing.
    const auto totals = node.totals();
    CHECK(totals.requests[static_cast<std::size_t>(method::allocate)] > conversations / 2);
    CHECK(totals.relayed.uplink_packets > conversations / 200);
    CHECK(totals.relayed.downlink_packets > conversations / 200);
    // Each datagram carries seven bytes: the rest went through TCP connections.
    CHECK(totals.relayed.uplink_bytes > 7 * totals.relayed.uplink_packets);
    // A sample need not come by the rarest of them.
    constexpr auto least = conversations / 10'000;
    for (const auto code : {400, 401, 403, 420, 437, 438, 440, 441, 443, 446, 447}) {
        INFO("error " << code);
        CHECK(totals.errors_of(static_cast<std::uint16_t>(code)) >= least);
    }
}
