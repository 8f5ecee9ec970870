#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace turnix;
using namespace turnix::turn_test;

TEST_CASE("RFC 8656 7.2: a success carries the external relayed address, the lifetime and the mapped address",
          "[rfc8656][allocate]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto answer = client.ask(method::allocate, {udp()});

    REQUIRE(answer.code() == success);
    CHECK(answer.address(attribute_type::xor_relayed_address) == at("203.0.113.10:50000"));
    CHECK(answer.address(attribute_type::xor_mapped_address) == at("198.51.100.7:40000"));
    CHECK(answer.lifetime() == 600s);
    CHECK(answer.is_signed_with(client.key()));
    CHECK_FALSE(answer.has(attribute_type::fingerprint));
    CHECK(node.server.allocations() == 1);
    CHECK(node.admission.sessions() == 1);
    CHECK(node.server.has_allocation(client.path));
    CHECK(node.own_ports.local_of(at("203.0.113.10:50000")) == at("192.0.2.10:50000"));
    REQUIRE(node.ports.requests.size() == 1);
    CHECK(node.ports.requests[0].server == client.path.server.address);
}

TEST_CASE("RFC 8656 7.2: the relayed address is the external one of its local address and family",
          "[rfc8656][allocate]") {
    world node{[](auto& settings) { settings.addresses[1].external = ip("2001:db8:ffff::10"); }};
    test_client client{node, "198.51.100.7:40000"};
    const auto answer = client.ask(method::allocate, {udp(), additional_family(2)});
    CHECK(answer.addresses(attribute_type::xor_relayed_address) ==
          std::vector{at("203.0.113.10:50000"), at("[2001:db8:ffff::10]:50001")});
}

TEST_CASE("RFC 8656 7.2 step 2: another Allocate on a live 5-tuple is 437", "[rfc8656][allocate]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    CHECK(client.ask(method::allocate, {udp()}).code() == 437);

    test_client other{node, "198.51.100.7:40000"};
    const auto answer = other.ask(method::allocate, {udp()});
    CHECK(answer.code() == 437);
    CHECK(answer.is_signed_with(other.key()));
    CHECK(node.server.allocations() == 1);
}

TEST_CASE("RFC 8656 7.2: a 5-tuple is both endpoints and the transport", "[rfc8656][allocate]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    test_client over_tcp{node, "198.51.100.7:40000", net::transport::tcp};
    over_tcp.allocate();
    test_client elsewhere{node, "198.51.100.7:40000"};
    elsewhere.path.server.port = 3479;
    elsewhere.allocate();
    CHECK(node.server.allocations() == 3);
}

TEST_CASE("RFC 8656 7.2 step 2: a retransmitted Allocate gets the identical answer", "[rfc8656][allocate]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto id = client.next_id();
    const auto first = client.ask(method::allocate, {udp(), lifetime(1200s)}, {.id = id});
    REQUIRE(first.code() == success);
    node.pass(3s);
    const auto second = client.ask(method::allocate, {udp(), lifetime(1200s)}, {.id = id});
    CHECK(second.message() == first.message());
    CHECK(node.server.allocations() == 1);
    CHECK(node.ports.requests.size() == 1);
    CHECK(node.observer.events.size() == 1);

    test_client other{node, "198.51.100.7:40000"};
    CHECK(other.ask(method::allocate, {udp()}, {.id = id}).code() == 437);
}

TEST_CASE("RFC 8656 7.2 step 3: no or a malformed REQUESTED-TRANSPORT is 400, one that is not served 442",
          "[rfc8656][allocate]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto [with, expected] = GENERATE(table<attributes, int>({
        {attributes{}, 400},
        {{raw(attribute_type::requested_transport, "\x11")}, 400},
        {{raw(attribute_type::requested_transport, "12345678")}, 400},
        {{transport(6)}, 442},
        {{transport(0)}, 442},
        {{transport(255)}, 442},
        {{transport(17)}, success},
    }));
    const auto answer = client.ask(method::allocate, with);
    CHECK(answer.code() == expected);
    CHECK(answer.is_signed_with(client.key()));
    CHECK(node.server.allocations() == (expected == success ? 1 : 0));
}

TEST_CASE("RFC 8656 7.2 step 7: no family is IPv4, also for a client of IPv6; one that does not exist is 440",
          "[rfc8656][allocate]") {
    world node;
    const auto* const from = GENERATE("198.51.100.7:40000", "[2001:db8:7::7]:40000");
    test_client client{node, from};
    const auto [with, expected, relayed] = GENERATE(table<attributes, int, net::family>({
        {{udp()}, success, net::family::ipv4},
        {{udp(), family(1)}, success, net::family::ipv4},
        {{udp(), family(2)}, success, net::family::ipv6},
        {{udp(), family(0)}, 440, {}},
        {{udp(), family(3)}, 440, {}},
        {{udp(), raw(attribute_type::requested_address_family, "\1")}, 400, {}},
    }));
    const auto answer = client.ask(method::allocate, with);
    REQUIRE(answer.code() == expected);
    if (expected != success) return;
    CHECK(answer.address(attribute_type::xor_relayed_address).address.family() == relayed);
}

TEST_CASE("RFC 8656 7.2 step 7: a family that is not served is 440 and takes no quota",
          "[rfc8656][allocate]") {
    world node{[](auto& settings) { settings.addresses.resize(1); }};
    test_client client{node, "198.51.100.7:40000"};
    CHECK(client.ask(method::allocate, {udp(), family(2)}).code() == 440);
    CHECK(node.admission.sessions() == 0);
}

TEST_CASE("RFC 8656 7.2 step 7: without a family the listener's is followed when so configured",
          "[allocate]") {
    world node{[](auto& settings) { settings.follow_listener_family = true; }};
    test_client client{node, "[2001:db8:7::7]:40000"};
    CHECK(client.allocate() == at("[2001:db8::10]:50000"));
}

TEST_CASE("RFC 8656 7.2 step 8: no port left is 508 and takes no quota", "[rfc8656][allocate]") {
    world node;
    node.ports.ports_max = 1;
    test_client first{node, "198.51.100.7:40000"};
    first.allocate();
    test_client second{node, "198.51.100.7:40001"};
    const auto answer = second.ask(method::allocate, {udp()});
    CHECK(answer.code() == 508);
    CHECK(answer.is_signed_with(second.key()));
    CHECK(node.admission.sessions() == 1);

    CHECK(first.ask(method::refresh, {lifetime(0s)}).code() == success);
    CHECK(second.ask(method::allocate, {udp()}).code() == success);
}

TEST_CASE("RFC 8656 7.2 step 10: the quota of a credential is 486", "[rfc8656][allocate]") {
    world node;
    auto claims = node.claims();
    claims.limits.allocations_max = 1;
    test_client client{node, "198.51.100.7:40000", claims};
    test_client again{node, "198.51.100.7:40001"};
    again.credential = client.credential;
    client.allocate();
    CHECK(again.ask(method::allocate, {udp()}).code() == 486);
    CHECK(node.ports.requests.size() == 1);

    CHECK(client.ask(method::refresh, {lifetime(0s)}).code() == success);
    CHECK(again.ask(method::allocate, {udp()}).code() == success);
}

TEST_CASE("RFC 8656 7.2 step 10: a full node and a draining node answer 508, and what lives goes on",
          "[allocate]") {
    world node{[](auto& settings) { settings.limits.sessions_max = 1; }};
    test_client first{node, "198.51.100.7:40000"};
    test_client second{node, "198.51.100.7:40001"};
    SECTION("full") {
        first.allocate();
        CHECK(second.ask(method::allocate, {udp()}).code() == 508);
    }
    SECTION("draining") {
        first.allocate();
        node.server.set_draining(true);
        CHECK(second.ask(method::allocate, {udp()}).code() == 508);
    }
    CHECK(first.ask(method::refresh, {}).code() == success);
    CHECK(node.server.allocations() == 1);
}

TEST_CASE("RFC 8656 7.2: the lifetime granted is between the default and the maximum",
          "[rfc8656][allocate]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto [asked, granted] = GENERATE(table<std::chrono::seconds, std::chrono::seconds>({
        {0s, 600s},
        {1s, 600s},
        {600s, 600s},
        {601s, 601s},
        {3600s, 3600s},
        {3601s, 3600s},
        {4'294'967'295s, 3600s},
    }));
    CHECK(client.ask(method::allocate, {udp(), lifetime(asked)}).lifetime() == granted);
}

TEST_CASE("RFC 8656 18.2: a malformed LIFETIME is 400", "[allocate]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    CHECK(client.ask(method::allocate, {udp(), raw(attribute_type::lifetime, "12")}).code() == 400);
}

TEST_CASE("RFC 8656 19: a credential for another client address or transport is 403", "[allocate]") {
    world node;
    auto claims = node.claims();
    const auto over = GENERATE(net::transport::udp, net::transport::tcp, net::transport::tls);
    SECTION("this address, this transport") {
        claims.allowed_client = ip("198.51.100.7");
        claims.transports.bits = static_cast<std::uint8_t>(1U << static_cast<unsigned>(over));
        test_client client{node, "198.51.100.7:40000", claims, over};
        CHECK(client.ask(method::allocate, {udp()}).code() == success);
    }
    SECTION("another address") {
        claims.allowed_client = ip("198.51.100.8");
        test_client client{node, "198.51.100.7:40000", claims, over};
        const auto answer = client.ask(method::allocate, {udp()});
        CHECK(answer.code() == 403);
        CHECK(answer.is_signed_with(client.key()));
    }
    SECTION("other transports") {
        claims.transports.bits = static_cast<std::uint8_t>(0x0fU & ~(1U << static_cast<unsigned>(over)));
        test_client client{node, "198.51.100.7:40000", claims, over};
        CHECK(client.ask(method::allocate, {udp()}).code() == 403);
    }
    CHECK(node.server.allocations() == node.admission.sessions());
}
