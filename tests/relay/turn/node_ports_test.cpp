#include "relay/turn/node_ports.hpp"

#include "tests/relay/turn/addresses.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace turnix;
using namespace turnix::turn;
using namespace turnix::turn_test;

namespace {

// Behind 1:1 NAT, on a LAN without, and IPv6; and an interface that is never relayed from.
node_ports node() {
    const std::array<contract::relay_address_settings, 3> relay_addresses{{
        {.local = ip("10.0.0.5"), .external = ip("203.0.113.5")},
        {.local = ip("192.168.1.5"), .external = std::nullopt},
        {.local = ip("2001:db8::5"), .external = std::nullopt},
    }};
    const std::array interfaces{ip("10.0.0.9")};
    return {relay_addresses, interfaces};
}

}  // namespace

TEST_CASE("the node knows its own addresses, and which of them it relays from", "[policy]") {
    const auto ports = node();
    const auto [address, own, relay] = GENERATE(table<const char*, bool, bool>({
        {"10.0.0.5", true, true},
        {"203.0.113.5", true, true},
        {"192.168.1.5", true, true},
        {"2001:db8::5", true, true},
        {"10.0.0.9", true, false},
        {"10.0.0.6", false, false},
        {"::ffff:10.0.0.5", false, false},
    }));
    INFO(address);
    CHECK(ports.is_own(ip(address)) == own);
    CHECK(ports.is_relay(ip(address)) == relay);
}

TEST_CASE("a port is reached under its external and its local address while it is open", "[policy]") {
    auto ports = node();
    const auto port = GENERATE(std::uint16_t{0}, std::uint16_t{63}, std::uint16_t{64}, std::uint16_t{49152},
                               std::uint16_t{65535});
    const net::endpoint local{ip("10.0.0.5"), port};
    const net::endpoint external{ip("203.0.113.5"), port};
    CHECK_FALSE(ports.local_of(external));

    ports.opened(local);
    CHECK(ports.local_of(external) == local);
    CHECK(ports.local_of(local) == local);
    CHECK(ports.advertised_of(local) == external);
    CHECK_FALSE(ports.advertised_of(external));

    ports.closed(local);
    CHECK_FALSE(ports.local_of(external));
    CHECK_FALSE(ports.advertised_of(local));
}

TEST_CASE("an open port opens neither its neighbours nor the same port elsewhere", "[policy]") {
    auto ports = node();
    ports.opened(at("192.168.1.5:50000"));
    const auto* const other =
        GENERATE("192.168.1.5:49999", "192.168.1.5:50001", "192.168.1.5:50064", "10.0.0.5:50000",
                 "203.0.113.5:50000", "[2001:db8::5]:50000", "10.0.0.9:50000", "10.0.0.6:50000");
    INFO(other);
    CHECK_FALSE(ports.local_of(at(other)));
    CHECK(ports.advertised_of(at("192.168.1.5:50000")) == at("192.168.1.5:50000"));
}

TEST_CASE("local addresses that share an external address are told apart by the open port", "[policy]") {
    const std::array<contract::relay_address_settings, 2> relay_addresses{{
        {.local = ip("10.0.0.5"), .external = ip("203.0.113.5")},
        {.local = ip("10.0.0.6"), .external = ip("203.0.113.5")},
    }};
    node_ports ports{relay_addresses, {}};
    ports.opened(at("10.0.0.6:50000"));
    CHECK(ports.local_of(at("203.0.113.5:50000")) == at("10.0.0.6:50000"));
}
