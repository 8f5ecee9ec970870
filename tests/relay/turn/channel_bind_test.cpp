#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace turnix;
using namespace turnix::turn_test;
using turn::drop_reason;

namespace {

// Where channel data on that number goes; nothing when it is dropped.
std::optional<net::endpoint> target(test_client& client, std::uint16_t number) {
    const auto effect = client.send_channel_data(number, "x");
    const auto* const sent = std::get_if<turn::to_peer>(&effect);
    return sent == nullptr ? std::nullopt : std::optional{sent->peer};
}

}  // namespace

TEST_CASE("RFC 8656 12.2: without an allocation ChannelBind is 437", "[rfc8656][channel]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    CHECK(client.bind(0x4000, "9.9.9.9:7").code() == 437);
}

TEST_CASE("RFC 8656 12.2: a number beyond 0x4000 to 0x4FFF, port 0 or no peer is 400, a forbidden peer 403",
          "[rfc8656][channel]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    const auto [with, expected] = GENERATE(table<attributes, int>({
        {{channel(0x4000)}, 400},
        {{peer("9.9.9.9:7")}, 400},
        {{channel(0x4000), raw(attribute_type::xor_peer_address, "1234")}, 400},
        {{raw(attribute_type::channel_number, "@"), peer("9.9.9.9:7")}, 400},
        {{channel(0x3fff), peer("9.9.9.9:7")}, 400},
        {{channel(0x5000), peer("9.9.9.9:7")}, 400},
        {{channel(0x7fff), peer("9.9.9.9:7")}, 400},
        {{channel(0xffff), peer("9.9.9.9:7")}, 400},
        {{channel(0x4000), peer("9.9.9.9:0")}, 400},
        {{channel(0x4000), peer("[2a00::1]:7")}, 443},
        {{channel(0x4000), peer("10.0.0.1:7")}, 403},
        {{channel(0x4000), peer("9.9.9.9:7")}, success},
        {{channel(0x4fff), peer("9.9.9.9:7")}, success},
    }));
    const auto answer = client.ask(method::channel_bind, with);
    CHECK(answer.code() == expected);
    CHECK(answer.is_signed_with(client.key()));
}

TEST_CASE("RFC 8656 12.2: a bound number or peer is bound to nothing else (400)", "[rfc8656][channel]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    CHECK(client.bind(0x4000, "9.9.9.9:8").code() == 400);
    CHECK(client.bind(0x4001, "9.9.9.9:7").code() == 400);
    CHECK(client.bind(0x4000, "9.9.9.9:7").code() == success);
    CHECK(client.bind(0x4001, "9.9.9.9:8").code() == success);
    CHECK(target(client, 0x4000) == at("9.9.9.9:7"));
    CHECK(target(client, 0x4001) == at("9.9.9.9:8"));
}

TEST_CASE("RFC 8656 12: a channel lasts 600 s unless it is bound again", "[rfc8656][channel]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate({lifetime(3600s)});
    REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    const bool again = GENERATE(false, true);
    if (again) {
        node.pass(500s);
        REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    }
    node.pass(599s);
    REQUIRE(client.permit("9.9.9.9:1").code() == success);
    CHECK(target(client, 0x4000));
    node.pass(1s);
    CHECK_FALSE(target(client, 0x4000));
    CHECK(node.drops(drop_reason::unknown_channel) == 1);
    // The peer is heard of by Data indications again.
    const auto heard = node.server.on_peer(node.now, {0}, at("9.9.9.9:7"), bytes_of("x"));
    REQUIRE(heard);
    CHECK(heard->header_bytes == 36);
}

TEST_CASE("RFC 8656 12: for 300 s after its expiry a channel is bound to nothing else",
          "[rfc8656][channel]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate({lifetime(3600s)});
    REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    node.pass(899s);
    CHECK(client.bind(0x4000, "9.9.9.9:8").code() == 400);
    CHECK(client.bind(0x4001, "9.9.9.9:7").code() == 400);
    SECTION("the same pair may be bound again at any time") {
        CHECK(client.bind(0x4000, "9.9.9.9:7").code() == success);
        CHECK(target(client, 0x4000) == at("9.9.9.9:7"));
    }
    SECTION("then both are free") {
        node.pass(1s);
        CHECK(client.bind(0x4000, "9.9.9.9:8").code() == success);
        CHECK(client.bind(0x4001, "9.9.9.9:7").code() == success);
        CHECK(target(client, 0x4000) == at("9.9.9.9:8"));
    }
}

TEST_CASE("RFC 8656 12: a channel may outlive its permission, and then relays nothing",
          "[rfc8656][channel]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    node.pass(300s);
    CHECK_FALSE(target(client, 0x4000));
    CHECK_FALSE(node.server.on_peer(node.now, {0}, at("9.9.9.9:7"), bytes_of("x")));
    CHECK(node.drops(drop_reason::no_permission) == 2);

    REQUIRE(client.permit("9.9.9.9:1").code() == success);
    CHECK(target(client, 0x4000) == at("9.9.9.9:7"));
}

TEST_CASE("RFC 8656 12.2: channels beyond the capacity are 508, known ones are refreshed",
          "[rfc8656][channel]") {
    world node{[](auto& settings) { settings.limits.channels_per_allocation_max = 2; }};
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.bind(0x4000, "9.9.9.9:1").code() == success);
    REQUIRE(client.bind(0x4001, "9.9.9.9:2").code() == success);
    const auto answer = client.bind(0x4002, "9.9.9.9:3");
    CHECK(answer.code() == 508);
    CHECK(answer.is_signed_with(client.key()));
    CHECK(client.bind(0x4001, "9.9.9.9:2").code() == success);
}

TEST_CASE("RFC 8656 12: channels of one allocation mean nothing to another", "[rfc8656][channel]") {
    world node;
    test_client one{node, "198.51.100.7:40000"};
    test_client other{node, "198.51.100.7:40001"};
    one.allocate();
    other.allocate();
    REQUIRE(one.bind(0x4000, "9.9.9.9:1").code() == success);
    CHECK_FALSE(target(other, 0x4000));
    CHECK(other.bind(0x4000, "9.9.9.9:2").code() == success);
    CHECK(target(one, 0x4000) == at("9.9.9.9:1"));
    CHECK(target(other, 0x4000) == at("9.9.9.9:2"));
}
