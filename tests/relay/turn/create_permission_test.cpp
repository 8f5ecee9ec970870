#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <cstdint>

using namespace turnix;
using namespace turnix::turn_test;

namespace {

// What a client can reach, asked without side effects: a Send indication goes out or not.
bool reaches(test_client& client, const char* to) {
    const auto effect = client.send_indication({peer(to), data("x")});
    return std::holds_alternative<turn::to_peer>(effect);
}

net::endpoint nth_peer(int n) {
    return {net::address{net::address::v4_bytes{9, 9, 9, static_cast<std::uint8_t>(n)}}, 1};
}

int permit_nth(test_client& client, int n) {
    return client.ask(method::create_permission, {peer(nth_peer(n))}).code();
}

int bind_nth(test_client& client, int n) {
    return client.ask(method::channel_bind, {channel(0x4000), peer(nth_peer(n))}).code();
}

}  // namespace

TEST_CASE("RFC 8656 10.2: without an allocation CreatePermission is 437", "[rfc8656][permission]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto answer = client.permit("9.9.9.9:1");
    CHECK(answer.code() == 437);
    CHECK(answer.is_signed_with(client.key()));
}

TEST_CASE("RFC 8656 10.2: no or a malformed XOR-PEER-ADDRESS is 400", "[rfc8656][permission]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    CHECK(client.ask(method::create_permission, {}).code() == 400);
    CHECK(client.ask(method::create_permission, {raw(attribute_type::xor_peer_address, "1234")}).code() ==
          400);
}

TEST_CASE("RFC 8656 10.2: a peer of the other family is 443", "[rfc8656][permission]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto [own_family, other] = GENERATE(table<std::uint8_t, const char*>({
        {std::uint8_t{1}, "[2a00::1]:1"},
        {std::uint8_t{2}, "9.9.9.9:1"},
    }));
    client.allocate({family(own_family)});
    CHECK(client.permit(other).code() == 443);
}

TEST_CASE("RFC 8656 10.2: a forbidden peer is 403", "[rfc8656][permission]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto [own_family, forbidden] = GENERATE(table<std::uint8_t, const char*>({
        {std::uint8_t{1}, "127.0.0.1:1"},
        {std::uint8_t{1}, "0.0.0.0:1"},
        {std::uint8_t{1}, "10.0.0.1:1"},
        {std::uint8_t{1}, "169.254.169.254:80"},
        {std::uint8_t{1}, "192.0.2.1:1"},  // the node's listener
        {std::uint8_t{2}, "[::1]:1"},
        {std::uint8_t{2}, "[::]:1"},
        {std::uint8_t{2}, "[::ffff:127.0.0.1]:1"},
        {std::uint8_t{2}, "[64:ff9b::10.0.0.1]:1"},
        {std::uint8_t{2}, "[2001:db8::1]:1"},  // the node's listener
    }));
    client.allocate({family(own_family)});
    CHECK(client.permit(forbidden).code() == 403);
    CHECK(client.bind(0x4000, forbidden).code() == 403);
    CHECK_FALSE(reaches(client, forbidden));
}

TEST_CASE("RFC 8656 10.2: every peer is permitted or none", "[rfc8656][permission]") {
    world node{[](auto& settings) { settings.limits.permissions_per_allocation_max = 2; }};
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    const auto [with, expected] = GENERATE(table<attributes, int>({
        {{peer("9.9.9.9:1"), peer("10.0.0.1:1")}, 403},
        {{peer("9.9.9.9:1"), peer("[2a00::1]:1")}, 443},
        {{peer("9.9.9.9:1"), raw(attribute_type::xor_peer_address, "1234")}, 400},
        {{peer("9.9.9.9:1"), peer("9.9.9.8:1"), peer("9.9.9.7:1")}, 508},
        {{peer("9.9.9.9:1"), peer("9.9.9.8:1"), peer("9.9.9.9:2")}, success},
    }));
    const auto answer = client.ask(method::create_permission, with);
    CHECK(answer.code() == expected);
    CHECK(answer.is_signed_with(client.key()));
    CHECK(reaches(client, "9.9.9.9:7") == (expected == success));
    CHECK(reaches(client, "9.9.9.8:7") == (expected == success));
}

TEST_CASE("RFC 8656 9: a permission is for an IP address, whatever the port, and for nobody else",
          "[rfc8656][permission]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.permit("9.9.9.9:1").code() == success);
    CHECK(reaches(client, "9.9.9.9:2"));
    CHECK_FALSE(reaches(client, "9.9.9.8:1"));
}

TEST_CASE("RFC 8656 9: a permission lasts 300 s, and CreatePermission and ChannelBind refresh it",
          "[rfc8656][permission]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.permit("9.9.9.9:1").code() == success);
    node.pass(299s);
    CHECK(reaches(client, "9.9.9.9:7"));
    SECTION("not refreshed") {}
    SECTION("data does not refresh it") {
        CHECK(node.server.on_peer(node.now, {0}, at("9.9.9.9:7"), bytes_of("x")));
    }
    SECTION("CreatePermission") {
        REQUIRE(client.permit("9.9.9.9:9").code() == success);
        node.pass(299s);
    }
    SECTION("ChannelBind") {
        REQUIRE(client.bind(0x4000, "9.9.9.9:9").code() == success);
        node.pass(299s);
    }
    CHECK(reaches(client, "9.9.9.9:7"));
    node.pass(1s);
    CHECK_FALSE(reaches(client, "9.9.9.9:7"));
    CHECK_FALSE(node.server.on_peer(node.now, {0}, at("9.9.9.9:7"), bytes_of("x")));
}

TEST_CASE("RFC 8656 10.2: permissions beyond the capacity are 508 until one expires",
          "[rfc8656][permission]") {
    world node{[](auto& settings) { settings.limits.permissions_per_allocation_max = 3; }};
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    for (int n = 0; n < 3; ++n) REQUIRE(permit_nth(client, n) == success);
    CHECK(permit_nth(client, 3) == 508);
    CHECK(bind_nth(client, 3) == 508);
    CHECK(permit_nth(client, 0) == success);
    CHECK(bind_nth(client, 1) == success);
    node.jump(300s);
    CHECK(permit_nth(client, 3) == success);
}

TEST_CASE("new peers of an allocation are limited by the minute, known ones are not", "[permission]") {
    world node{[](auto& settings) { settings.limits.new_peers_per_minute_max = 2; }};
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    CHECK(client.ask(method::create_permission, {peer(nth_peer(0)), peer(nth_peer(1)), peer(nth_peer(2))})
              .code() == 508);
    CHECK(client.ask(method::create_permission, {peer(nth_peer(0)), peer(nth_peer(1))}).code() == success);
    CHECK(permit_nth(client, 2) == 508);
    CHECK(permit_nth(client, 1) == success);
    node.pass(60s);
    CHECK(permit_nth(client, 2) == success);
}

TEST_CASE("a request may name 59 peers, with what else it needs within the 64 attributes of a message",
          "[permission]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    attributes many;
    for (int n = 0; n < 59; ++n) many.push_back(peer(nth_peer(n)));
    CHECK(client.ask(method::create_permission, many).code() == success);
    CHECK(reaches(client, "9.9.9.58:1"));
}
