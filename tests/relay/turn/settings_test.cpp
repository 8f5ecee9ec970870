#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <variant>

using namespace turnix;
using namespace turnix::turn_test;

namespace {

bool reaches(test_client& client, std::uint16_t channel_number) {
    return std::holds_alternative<turn::to_peer>(client.send_channel_data(channel_number, "x"));
}

}  // namespace

TEST_CASE("a peer that is denied from now on loses its permission and its channel, and no other does",
          "[settings][peer_policy]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.bind(0x4000, "9.9.9.9:1").code() == success);
    REQUIRE(client.bind(0x4001, "8.8.8.8:1").code() == success);
    REQUIRE(reaches(client, 0x4000));

    node.settings.peers.deny = {net::cidr::parse("9.9.9.0/24").value()};
    node.server.on_settings_changed();
    CHECK_FALSE(reaches(client, 0x4000));
    CHECK(reaches(client, 0x4001));
    CHECK(client.permit("9.9.9.9:1").code() == 403);
    CHECK(client.bind(0x4000, "9.9.9.9:1").code() == 403);

    node.settings.peers.deny.clear();
    node.server.on_settings_changed();
    CHECK_FALSE(reaches(client, 0x4000));
    CHECK(client.bind(0x4000, "9.9.9.9:1").code() == success);
    CHECK(reaches(client, 0x4000));
}

TEST_CASE("a private range that is no longer allowed is denied again, written as IPv6 as well",
          "[settings][peer_policy]") {
    world node{[](contract::relay_settings& settings) {
        settings.peers.allow = {net::cidr::parse("10.0.0.0/8").value()};
    }};
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.bind(0x4000, "10.1.2.3:1").code() == success);
    node.settings.peers.allow.clear();
    node.server.on_settings_changed();
    CHECK_FALSE(reaches(client, 0x4000));
    CHECK(client.permit("10.1.2.3:1").code() == 403);
}

TEST_CASE("limits that have changed hold for the next request, and take nothing away", "[settings]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.bind(0x4000, "9.9.9.9:1").code() == success);
    REQUIRE(client.bind(0x4001, "8.8.8.8:1").code() == success);
    node.settings.limits.permissions_per_allocation_max = 1;
    node.settings.limits.channels_per_allocation_max = 1;
    node.settings.lifetime_max = 700s;
    node.server.on_settings_changed();
    CHECK(client.permit("7.7.7.7:1").code() == 508);
    CHECK(client.bind(0x4002, "9.9.9.9:2").code() == 508);
    CHECK(reaches(client, 0x4000));
    CHECK(reaches(client, 0x4001));
    CHECK(client.ask(method::refresh, {lifetime(3000s)}).lifetime() == 700s);
}

TEST_CASE("a quota for credentials that has changed holds for the next Allocate", "[settings]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    node.admission.change({.allocations_per_credential_max = 1});
    test_client second{node, "198.51.100.7:40001"};
    second.credential = client.credential;
    CHECK(second.ask(method::allocate, {udp()}).code() == 486);
    node.admission.change({.allocations_per_credential_max = 2});
    CHECK(second.ask(method::allocate, {udp()}).code() == success);
}
