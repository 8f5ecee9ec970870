#include "relay/stun/address_attribute.hpp"
#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using namespace turnix;
using namespace turnix::turn_test;

namespace {

constexpr auto ipv4_client = "198.51.100.7:40000";
constexpr auto ipv6_client = "[2001:db8:7::7]:40000";
constexpr auto ipv4_server = "203.0.113.1:3478";
constexpr auto ipv6_server = "[2001:db8::1]:3478";

turn::alternate_server both_families(std::string domain = {}) {
    return {.addresses = {at(ipv4_server), at(ipv6_server)}, .domain = std::move(domain)};
}

/// The servers that a 300 names, in their order.
std::vector<net::endpoint> servers_in(const answered& answer) {
    std::vector<net::endpoint> servers;
    const auto message = stun::message_view::parse(answer.message()).value();
    for (const auto& each : message.attributes()) {
        if (each.type == attribute_type::alternate_server) {
            servers.push_back(stun::decode_address(each.value).value());
        }
    }
    return servers;
}

}  // namespace

TEST_CASE("RFC 8489 10: 300 names a server of the request's family first, then the other, and is signed",
          "[rfc8489][redirection]") {
    world node;
    node.alternates.server = both_families();
    node.server.set_draining(true);
    const auto over =
        GENERATE(net::transport::udp, net::transport::tcp, net::transport::tls, net::transport::dtls);
    const auto [from, first, second] = GENERATE(table<const char*, const char*, const char*>({
        {ipv4_client, ipv4_server, ipv6_server},
        {ipv6_client, ipv6_server, ipv4_server},
    }));
    test_client client{node, from, over};
    client.algorithm = GENERATE(as<std::optional<stun::password_algorithm>>{}, std::nullopt,
                                stun::password_algorithm::sha256);
    const auto answer = client.ask(method::allocate, {udp()});
    CHECK(answer.code() == 300);
    CHECK(servers_in(answer) == std::vector{at(first), at(second)});
    CHECK((client.algorithm ? answer.is_sha256_signed_with(client.key())
                            : answer.is_signed_with(client.key())));
    CHECK_FALSE(answer.has(attribute_type::alternate_domain));
    CHECK(node.server.allocations() == 0);

    REQUIRE(node.alternates.asked.size() == 1);
    CHECK(node.alternates.asked[0].first == client.path);
}

TEST_CASE("RFC 8489 10: a server of the other family alone is no alternative: 508",
          "[rfc8489][redirection]") {
    world node;
    node.server.set_draining(true);
    const auto [from, server] = GENERATE(table<const char*, std::optional<const char*>>({
        {ipv4_client, ipv6_server},
        {ipv6_client, ipv4_server},
        {ipv4_client, std::nullopt},
    }));
    auto& named = node.alternates.server.emplace();
    if (server) named.addresses.push_back(at(*server));
    test_client client{node, from};
    const auto answer = client.ask(method::allocate, {udp()});
    CHECK(answer.code() == 508);
    CHECK(servers_in(answer).empty());
}

TEST_CASE("RFC 8489 10: ALTERNATE-DOMAIN is for TLS and DTLS, SHA-256 and another certificate",
          "[rfc8489][redirection]") {
    using over = net::transport;
    struct row {
        net::transport over;
        std::optional<stun::password_algorithm> algorithm;
        int code;
        bool has_domain;
    };
    const auto sha256 = stun::password_algorithm::sha256;
    const auto md5 = stun::password_algorithm::md5;
    const auto each = GENERATE_REF(values<row>({
        {over::tls, sha256, 300, true},
        {over::tls, md5, 300, true},  // chosen from the offer: signed with SHA-256 all the same
        {over::dtls, sha256, 300, true},
        {over::tls, std::nullopt, 508, false},  // would look for this node's name in that certificate
        {over::dtls, std::nullopt, 508, false},
        {over::tcp, sha256, 300, false},
        {over::udp, std::nullopt, 300, false},
    }));
    CAPTURE(each.over, each.code);
    world node;
    node.alternates.server = both_families("other.example.net");
    node.server.set_draining(true);
    test_client client{node, ipv4_client, each.over};
    client.algorithm = each.algorithm;
    const auto answer = client.ask(method::allocate, {udp()});
    CHECK(answer.code() == each.code);
    CHECK(answer.has(attribute_type::alternate_domain) == each.has_domain);
    if (each.has_domain) CHECK(answer.text(attribute_type::alternate_domain) == "other.example.net");
}

TEST_CASE("RFC 8656 7.2 step 11: a node that is full sends new clients on and serves the old",
          "[rfc8656][redirection]") {
    const bool by_sessions = GENERATE(true, false);
    world node{[=](auto& settings) { settings.limits.sessions_max = by_sessions ? 1 : 1000; }};
    node.alternates.server = both_families();
    test_client old{node, ipv4_client};
    old.allocate();
    if (!by_sessions) node.ports.exhausted = net::family::ipv4;
    test_client late{node, "198.51.100.8:40000"};
    CHECK(late.ask(method::allocate, {udp()}).code() == 300);
    CHECK(old.ask(method::refresh, {}).code() == success);
    CHECK(old.ask(method::refresh, {lifetime(0s)}).code() == success);
    node.ports.exhausted.reset();
    late.allocate();
}

TEST_CASE("RFC 8656 7.2 step 11: who another node would refuse as well is not sent there",
          "[rfc8656][redirection]") {
    world node{[](auto& settings) { settings.limits.allocations_per_credential_max = 1; }};
    node.alternates.server = both_families();
    test_client client{node, ipv4_client};
    SECTION("the quota of a credential") {
        client.allocate();
        client.path.client.port = 40001;
        client.nonce.clear();
        CHECK(client.ask(method::allocate, {udp()}).code() == 486);
    }
    SECTION("a credential for another transport") {
        auto claims = node.claims();
        claims.transports.bits = static_cast<std::uint8_t>(1U << static_cast<unsigned>(net::transport::tls));
        node.server.set_draining(true);
        CHECK(test_client{node, ipv4_client, claims}.ask(method::allocate, {udp()}).code() == 403);
    }
    SECTION("a reservation that is not held here") {
        CHECK(client.ask(method::allocate, {udp(), token("12345678")}).code() == 508);
    }
    SECTION("a reservation, while the node drains") {
        node.server.set_draining(true);
        CHECK(client.ask(method::allocate, {udp(), token("12345678")}).code() == 508);
    }
    SECTION("what is malformed") {
        node.server.set_draining(true);
        CHECK(client.ask(method::allocate, {}).code() == 400);
    }
    SECTION("who has an allocation") {
        client.allocate();
        node.server.set_draining(true);
        CHECK(client.ask(method::allocate, {udp()}).code() == 437);
    }
    SECTION("a stranger") {
        node.server.set_draining(true);
        const auto answer = client.ask_unsigned(method::allocate, {udp()});
        CHECK(answer.code() == 401);
        CHECK_FALSE(answer.has(attribute_type::alternate_server));
    }
    CHECK(node.alternates.asked.empty());
}

TEST_CASE("RFC 5780 6.1: a Binding is answered here, and without ALTERNATE-SERVER",
          "[rfc5780][redirection]") {
    world node{[](auto& settings) {
        settings.nat_discovery = {.primary = at("192.0.2.10:3478"), .alternate = at("192.0.2.11:3479")};
    }};
    node.alternates.server = both_families();
    node.server.set_draining(true);
    test_client client{node, ipv4_client};
    client.path.server = at("192.0.2.10:3478");
    const auto answer = client.ask_unsigned(method::binding, {});
    CHECK(answer.code() == success);
    CHECK(answer.has(attribute_type::other_address));
    CHECK_FALSE(answer.has(attribute_type::alternate_server));
    CHECK(node.alternates.asked.empty());
}
