#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

using namespace turnix;
using namespace turnix::turn_test;

namespace {

constexpr auto token_type = attribute_type::reservation_token;
constexpr auto relayed_type = attribute_type::xor_relayed_address;

/// A client that has a port and a reservation for the next one.
struct reserving_client {
    explicit reserving_client(world& node) : client{node, "198.51.100.7:40000"} {
        const auto answer = client.ask(method::allocate, {udp(), even_port(true)});
        REQUIRE(answer.code() == success);
        relayed = answer.address(relayed_type);
        reserved = answer.text(token_type);
    }
    /// The same user on another 5-tuple.
    test_client sibling(world& node, const char* address, net::transport over = net::transport::udp) const {
        test_client made{node, address, over};
        made.credential = client.credential;
        return made;
    }

    test_client client;
    net::endpoint relayed;
    std::string reserved;
};

std::size_t ports_in_use(const world& node) { return node.ports.open_ports() + node.ports.reserved_ports(); }

}  // namespace

TEST_CASE("RFC 8656 7.2 step 8: EVEN-PORT with R=0 gives an even port and reserves nothing",
          "[rfc8656][allocate]") {
    world node;
    for (const auto* const address : {"198.51.100.7:40000", "198.51.100.7:40001", "198.51.100.7:40002"}) {
        test_client client{node, address};
        const auto answer = client.ask(method::allocate, {udp(), even_port(false)});
        REQUIRE(answer.code() == success);
        CHECK(answer.address(relayed_type).port % 2 == 0);
        CHECK_FALSE(answer.has(token_type));
    }
    CHECK(node.ports.reserved_ports() == 0);
    CHECK(node.reservations.size() == 0);
    CHECK(node.admission.sessions() == 3);
}

TEST_CASE(
    "RFC 8656 7.2 step 5: a RESERVATION-TOKEN is worth the port after the even one, once, over any 5-tuple",
    "[rfc8656][allocate]") {
    world node;
    const auto [address, over] = GENERATE(table<const char*, net::transport>({
        {"198.51.100.7:40001", net::transport::udp},
        {"203.0.113.77:40000", net::transport::tcp},
        {"[2001:db8:7::1]:40000", net::transport::tls},
    }));
    const reserving_client first{node};
    CHECK(first.relayed.port % 2 == 0);
    CHECK(first.reserved.size() == 8);
    CHECK(node.ports.reserved_ports() == 1);

    auto second = first.sibling(node, address, over);
    const auto answer = second.ask(method::allocate, {udp(), token(first.reserved)});
    REQUIRE(answer.code() == success);
    CHECK(answer.address(relayed_type) ==
          net::endpoint{first.relayed.address, static_cast<std::uint16_t>(first.relayed.port + 1)});
    CHECK_FALSE(answer.has(token_type));
    CHECK(node.ports.reserved_ports() == 0);

    auto third = first.sibling(node, "198.51.100.7:40002");
    CHECK(third.ask(method::allocate, {udp(), token(first.reserved)}).code() == 508);
}

TEST_CASE("RFC 8656 7.2 step 5: RESERVATION-TOKEN with EVEN-PORT or REQUESTED-ADDRESS-FAMILY is 400",
          "[rfc8656][allocate]") {
    world node;
    const reserving_client first{node};
    auto second = first.sibling(node, "198.51.100.7:40001");
    const std::size_t beside = GENERATE(0U, 1U, 2U, 3U);
    const std::array others{even_port(false), even_port(true), family(1), family(2)};
    CHECK(second.ask(method::allocate, {udp(), token(first.reserved), others.at(beside)}).code() == 400);
    CHECK(second.ask(method::allocate, {udp(), token(first.reserved)}).code() == success);
}

TEST_CASE("RFC 8656 7.2 step 5: a token that is not valid is 508", "[rfc8656][allocate]") {
    world node;
    const reserving_client first{node};
    auto other = first.sibling(node, "198.51.100.7:40001");
    SECTION("unknown") {
        CHECK(other.ask(method::allocate, {udp(), token("12345678")}).code() == 508);
        CHECK(node.ports.reserved_ports() == 1);
    }
    SECTION("somebody else's") {
        test_client stranger{node, "198.51.100.8:40000"};
        CHECK(stranger.ask(method::allocate, {udp(), token(first.reserved)}).code() == 508);
        CHECK(other.ask(method::allocate, {udp(), token(first.reserved)}).code() == success);
    }
    SECTION("no longer to be served") {
        node.ports.refuses_reserved = true;
        CHECK(other.ask(method::allocate, {udp(), token(first.reserved)}).code() == 508);
        CHECK(ports_in_use(node) == 1);
        CHECK(node.admission.sessions() == 1);
    }
}

TEST_CASE("RFC 8656 18.7 and 18.10: EVEN-PORT and RESERVATION-TOKEN of a wrong length are 400",
          "[allocate]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto [type, value] = GENERATE(table<attribute_type, const char*>({
        {attribute_type::even_port, ""},
        {attribute_type::even_port, "12"},
        {attribute_type::reservation_token, "1234567"},
        {attribute_type::reservation_token, "123456789"},
    }));
    CHECK(client.ask(method::allocate, {udp(), raw(type, value)}).code() == 400);
}

TEST_CASE("RFC 8656 7.2 step 8: a reservation is held for 30 seconds, whatever becomes of its allocation",
          "[rfc8656][allocate]") {
    world node;
    reserving_client first{node};
    auto second = first.sibling(node, "198.51.100.7:40001");
    REQUIRE(first.client.ask(method::refresh, {lifetime(0s)}).code() == success);
    CHECK(ports_in_use(node) == 1);
    SECTION("redeemed in time") {
        node.pass(29s);
        CHECK(second.ask(method::allocate, {udp(), token(first.reserved)}).code() == success);
    }
    SECTION("expired, before any tick") {
        node.now.monotonic += 30s;
        CHECK(second.ask(method::allocate, {udp(), token(first.reserved)}).code() == 508);
        node.jump(0s);
        CHECK(ports_in_use(node) == 0);
        CHECK(node.admission.sessions() == 0);
    }
    SECTION("expired and freed") {
        node.pass(30s);
        CHECK(ports_in_use(node) == 0);
        CHECK(node.admission.sessions() == 0);
        CHECK(second.ask(method::allocate, {udp(), token(first.reserved)}).code() == 508);
    }
}

TEST_CASE("RFC 8656 7.2 step 2: a retransmitted Allocate gets the same token", "[rfc8656][allocate]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.ask(method::allocate, {});  // learns the nonce
    const deviation same{.id = client.next_id()};
    const auto first = client.ask(method::allocate, {udp(), even_port(true)}, same);
    const auto again = client.ask(method::allocate, {udp(), even_port(true)}, same);
    REQUIRE(first.code() == success);
    CHECK(again.message() == first.message());
    CHECK(node.ports.reserved_ports() == 1);
}

TEST_CASE("a reservation takes a place of the credential's quota, and redeeming it takes no further one",
          "[allocate]") {
    world node;
    auto claims = node.claims();
    claims.limits.allocations_max = GENERATE(std::uint16_t{1}, std::uint16_t{2});
    test_client first{node, "198.51.100.7:40000", claims};
    const auto answer = first.ask(method::allocate, {udp(), even_port(true)});
    if (claims.limits.allocations_max == 1) {
        CHECK(answer.code() == 486);
        CHECK(ports_in_use(node) == 0);
        CHECK(node.admission.sessions() == 0);
        return;
    }
    REQUIRE(answer.code() == success);
    test_client second{node, "198.51.100.7:40001", claims};
    second.credential = first.credential;
    CHECK(second.ask(method::allocate, {udp()}).code() == 486);
    CHECK(second.ask(method::allocate, {udp(), token(answer.text(token_type))}).code() == success);
    CHECK(node.admission.sessions() == 2);
}

TEST_CASE("no port and no place is lost in 100,000 rounds of reserving, redeeming and letting go",
          "[allocate]") {
    world node{[](auto& settings) { settings.limits.sessions_max = 64; }};
    node.ports.ports_max = 60;
    auto claims = node.claims();
    claims.limits.allocations_max = 48;
    claims.expires_at += std::chrono::hours{10'000};
    claims.sessions_end_at += std::chrono::hours{10'000};
    std::vector<test_client> clients;
    for (int i = 0; i < 40; ++i) {
        clients.emplace_back(node, "198.51.100.7:" + std::to_string(40'000 + i), claims);
        clients.back().credential = clients.front().credential;
    }
    const auto ask = [](test_client& by, method of, const attributes& with) {
        auto answer = by.ask(of, with);
        if (answer.code() != 438) return answer;
        by.nonce = answer.text(attribute_type::nonce);
        return by.ask(of, with);
    };
    std::vector<std::string> tokens{"unknown!"};
    int redeemed = 0;
    std::mt19937 random{8656};
    const auto below = [&](std::size_t end) { return std::size_t{random()} % end; };

    for (int round = 0; round < 100'000; ++round) {
        auto& client = clients[below(clients.size())];
        const auto what = below(6);
        if (what < 2) {
            const auto answer = ask(client, method::allocate, {udp(), even_port(what == 1)});
            if (answer.has(token_type)) tokens.push_back(answer.text(token_type));
        } else if (what == 2) {
            const auto answer = ask(client, method::allocate, {udp(), token(tokens[below(tokens.size())])});
            redeemed += answer.code() == success ? 1 : 0;
        } else if (what < 5) {
            ask(client, method::refresh, {lifetime(0s)});
        } else {
            node.jump(1s);
        }
        if (tokens.size() > 20) tokens.erase(tokens.begin() + 1);
        const auto held = node.server.allocations() + node.reservations.size();
        if (ports_in_use(node) != held || node.admission.sessions() != held) {
            FAIL("after round " << round << ", action " << what);
        }
    }
    CHECK(redeemed > 1'000);
    for (auto& client : clients) ask(client, method::refresh, {lifetime(0s)});
    node.pass(31s);
    CHECK(ports_in_use(node) == 0);
    CHECK(node.admission.sessions() == 0);
}
