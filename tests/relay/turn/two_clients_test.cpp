// Two clients of one node: each is the other's peer, by the address that the node gave it.

#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::turn_test;
using turn::drop_reason;

namespace {

constexpr const char* alice_relayed = "203.0.113.10:50000";
constexpr const char* bob_relayed = "203.0.113.10:50001";
constexpr const char* alice_local = "192.0.2.10:50000";
constexpr const char* bob_local = "192.0.2.10:50001";

// Alice and Bob, both allocated.
struct call {
    world node;
    test_client alice{node, "198.51.100.7:40000"};
    test_client bob{node, "198.51.100.8:40000"};

    call() {
        REQUIRE(alice.allocate() == at(alice_relayed));
        REQUIRE(bob.allocate() == at(bob_relayed));
    }
};

std::optional<net::endpoint> target(const turn::client_effect& effect) {
    const auto* const sent = std::get_if<turn::to_peer>(&effect);
    return sent == nullptr ? std::nullopt : std::optional{sent->peer};
}

}  // namespace

TEST_CASE("a client reaches another by its relayed address, inside the node", "[peers]") {
    call the;
    REQUIRE(the.alice.permit(bob_relayed).code() == success);
    CHECK(target(the.alice.send_indication({peer(bob_relayed), data("x")})) == at(bob_local));

    REQUIRE(the.alice.bind(0x4000, bob_relayed).code() == success);
    CHECK(target(the.alice.send_channel_data(0x4000, "x")) == at(bob_local));
}

TEST_CASE("what comes from another client is shown under its relayed address", "[peers]") {
    call the;
    SECTION("as a Data indication") {
        REQUIRE(the.bob.permit(alice_relayed).code() == success);
        const auto out = the.node.server.on_peer(the.node.now, {1}, at(alice_local), bytes_of("abcd"));
        REQUIRE(out);
        CHECK(out->path == the.bob.path);
        bytes whole{out->header().begin(), out->header().end()};
        whole.resize(whole.size() + 4);
        const auto message = stun::message_view::parse(whole).value();
        CHECK(stun::decode_xor_address(message.find(attribute_type::xor_peer_address).value(),
                                       message.header().transaction_id) == at(alice_relayed));
    }
    SECTION("as channel data") {
        REQUIRE(the.bob.bind(0x4001, alice_relayed).code() == success);
        const auto out = the.node.server.on_peer(the.node.now, {1}, at(alice_local), bytes_of("abcd"));
        REQUIRE(out);
        CHECK(text_of(out->header()) == std::string{"\x40\x01\x00\x04", 4});
    }
    SECTION("only with permission") {
        CHECK_FALSE(the.node.server.on_peer(the.node.now, {1}, at(alice_local), bytes_of("abcd")));
        CHECK(the.node.drops(drop_reason::no_permission) == 1);
    }
}

TEST_CASE("a relay port of the node is a peer only while it is allocated, decided per datagram", "[peers]") {
    call the;
    REQUIRE(the.alice.bind(0x4000, bob_relayed).code() == success);
    REQUIRE(the.bob.bind(0x4000, alice_relayed).code() == success);
    CHECK(target(the.alice.send_channel_data(0x4000, "x")) == at(bob_local));

    REQUIRE(the.bob.ask(method::refresh, {lifetime(0s)}).code() == success);
    CHECK_FALSE(target(the.alice.send_channel_data(0x4000, "x")));
    CHECK_FALSE(target(the.alice.send_indication({peer(bob_relayed), data("x")})));
    CHECK(the.node.drops(drop_reason::peer_denied) == 2);
    // A socket that lingers at the port speaks for nobody.
    CHECK_FALSE(the.node.server.on_peer(the.node.now, {0}, at(bob_local), bytes_of("x")));
    CHECK(the.node.drops(drop_reason::peer_denied) == 3);
}

TEST_CASE("no other port on the node's addresses is reached or heard", "[peers]") {
    call the;
    // The relay address itself may be permitted: CreatePermission names no port.
    REQUIRE(the.alice.permit("203.0.113.10:3478").code() == success);
    const auto* const other = GENERATE("203.0.113.10:3478", "203.0.113.10:50002", "192.0.2.10:22");
    CHECK_FALSE(target(the.alice.send_indication({peer(other), data("x")})));
    CHECK(the.alice.bind(0x4002, other).code() == 403);
    CHECK_FALSE(the.node.server.on_peer(the.node.now, {0}, at("192.0.2.10:22"), bytes_of("x")));
    CHECK_FALSE(the.node.server.on_peer(the.node.now, {0}, at("192.0.2.1:3478"), bytes_of("x")));
}

TEST_CASE("two clients on a loopback relay reach each other by default, and nothing else there", "[peers]") {
    world node{[](auto& settings) { settings.addresses = {{.local = ip("127.0.0.1"), .external = {}}}; }};
    test_client alice{node, "127.0.0.1:40000"};
    test_client bob{node, "127.0.0.1:40001"};
    alice.allocate();
    bob.allocate();
    REQUIRE(alice.permit("127.0.0.1:50001").code() == success);
    CHECK(target(alice.send_indication({peer("127.0.0.1:50001"), data("x")})) == at("127.0.0.1:50001"));
    CHECK_FALSE(target(alice.send_indication({peer("127.0.0.1:8080"), data("x")})));
    REQUIRE(bob.permit("127.0.0.1:1").code() == success);
    CHECK(node.server.on_peer(node.now, {1}, at("127.0.0.1:50000"), bytes_of("x")));
    CHECK_FALSE(node.server.on_peer(node.now, {1}, at("127.0.0.1:8080"), bytes_of("x")));
}

TEST_CASE("a peer on loopback is reached where tests allow it", "[peers]") {
    world node{[](auto& settings) {
        settings.addresses = {{.local = ip("127.0.0.1"), .external = {}}};
        settings.peers.unsafe_allow = {net::cidr::parse("127.0.0.0/8").value()};
    }};
    test_client client{node, "127.0.0.1:40000"};
    client.allocate();
    REQUIRE(client.bind(0x4000, "127.0.0.1:3480").code() == success);
    CHECK(target(client.send_channel_data(0x4000, "x")) == at("127.0.0.1:3480"));
    CHECK(node.server.on_peer(node.now, {0}, at("127.0.0.1:3480"), bytes_of("x")));
}
