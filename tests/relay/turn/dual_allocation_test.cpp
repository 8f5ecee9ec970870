#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <vector>

using namespace turnix;
using namespace turnix::turn_test;
using contract::end_reason;

namespace {

constexpr std::uint8_t ipv4 = 1;
constexpr std::uint8_t ipv6 = 2;
constexpr auto relayed_type = attribute_type::xor_relayed_address;
constexpr auto refused_type = attribute_type::address_error_code;

/// A client with an IPv4 and an IPv6 port, a permission in each and a channel in each.
struct dual_client {
    explicit dual_client(world& node) : client{node, "198.51.100.7:40000"} {
        relayed = client.ask(method::allocate, {udp(), additional_family(ipv6)}).addresses(relayed_type);
        REQUIRE(relayed.size() == 2);
        REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
        REQUIRE(client.bind(0x4001, "[2a00::1]:7").code() == success);
    }
    bool reaches(std::uint16_t channel) {
        return std::holds_alternative<turn::to_peer>(client.send_channel_data(channel, "payload"));
    }

    test_client client;
    std::vector<net::endpoint> relayed;
};

}  // namespace

TEST_CASE("RFC 8656 7.2 step 9: ADDITIONAL-ADDRESS-FAMILY gives an IPv4 and an IPv6 address in one session",
          "[rfc8656][allocate]") {
    world node;
    test_client client{node, GENERATE("198.51.100.7:40000", "[2001:db8:7::1]:40000")};
    const auto answer = client.ask(method::allocate, {udp(), additional_family(ipv6)});
    REQUIRE(answer.code() == success);
    CHECK(answer.addresses(relayed_type) ==
          std::vector{at("203.0.113.10:50000"), at("[2001:db8::10]:50001")});
    CHECK_FALSE(answer.has(refused_type));
    CHECK(node.server.allocations() == 1);
    CHECK(node.admission.sessions() == 1);
    CHECK(node.ports.open_ports() == 2);
    CHECK(node.observer.all<contract::session_started>().size() == 1);

    CHECK(client.ask(method::refresh, {lifetime(0s)}).code() == success);
    CHECK(node.ports.open_ports() == 0);
    CHECK(node.observer.all<contract::session_ended>().size() == 1);
}

TEST_CASE("RFC 8656 7.2 steps 5 to 9: what ADDITIONAL-ADDRESS-FAMILY does not go with is 400",
          "[rfc8656][allocate]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto with = GENERATE(values<attributes>({
        {additional_family(ipv4)},
        {additional_family(0)},
        {additional_family(3)},
        {raw(attribute_type::additional_address_family, "\x02")},
        {additional_family(ipv6), family(ipv4)},
        {additional_family(ipv6), family(ipv6)},
        {additional_family(ipv6), even_port(true)},
        {additional_family(ipv6), token("12345678")},
    }));
    auto asked = with;
    asked.push_back(udp());
    CHECK(client.ask(method::allocate, asked).code() == 400);
    CHECK(node.ports.open_ports() == 0);
}

TEST_CASE("RFC 8656 7.2 step 8: EVEN-PORT with R=0 goes for both families", "[allocate]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto answer = client.ask(method::allocate, {udp(), additional_family(ipv6), even_port(false)});
    for (const auto& each : answer.addresses(relayed_type)) CHECK(each.port % 2 == 0);
}

TEST_CASE("RFC 8656 7.2 step 9: ADDRESS-ERROR-CODE tells why a family is missing, also when asked again",
          "[rfc8656][allocate]") {
    const auto [missing, exhausted, expected] = GENERATE(table<net::family, bool, std::string>({
        {net::family::ipv4, false, std::string{"\x01\0\x04\x28", 4}},
        {net::family::ipv4, true, std::string{"\x01\0\x05\x08", 4}},
        {net::family::ipv6, false, std::string{"\x02\0\x04\x28", 4}},
        {net::family::ipv6, true, std::string{"\x02\0\x05\x08", 4}},
    }));
    world node{[&, missing, exhausted](auto& settings) {
        if (exhausted) return;
        std::erase_if(settings.addresses, [&](const auto& each) { return each.local.family() == missing; });
    }};
    if (exhausted) node.ports.exhausted = missing;
    test_client client{node, "198.51.100.7:40000"};
    client.ask(method::allocate, {});  // learns the nonce
    const deviation same{.id = client.next_id()};
    const auto answer = client.ask(method::allocate, {udp(), additional_family(ipv6)}, same);
    REQUIRE(answer.code() == success);
    REQUIRE(answer.addresses(relayed_type).size() == 1);
    CHECK(answer.addresses(relayed_type).front().address.family() != missing);
    CHECK(answer.text(refused_type) == expected);
    CHECK(client.ask(method::allocate, {udp(), additional_family(ipv6)}, same).message() == answer.message());
}

TEST_CASE("RFC 8656 7.2 step 9: when neither family can be given it is 508", "[rfc8656][allocate]") {
    world node;
    node.ports.ports_max = 0;
    test_client client{node, "198.51.100.7:40000"};
    CHECK(client.ask(method::allocate, {udp(), additional_family(ipv6)}).code() == 508);
    CHECK(node.admission.sessions() == 0);
}

TEST_CASE(
    "RFC 8656 7.2 step 9: a peer is reached from the port of its family, and data from both counts as one "
    "session's",
    "[data]") {
    world node;
    dual_client dual{node};
    const auto [peer_text, channel, handle] = GENERATE(table<const char*, std::uint16_t, std::uint32_t>({
        {"9.9.9.9:7", std::uint16_t{0x4000}, 0U},
        {"[2a00::1]:7", std::uint16_t{0x4001}, 1U},
    }));
    const auto effect = dual.client.send_channel_data(channel, "payload");
    const auto* const sent = std::get_if<turn::to_peer>(&effect);
    REQUIRE(sent != nullptr);
    CHECK(sent->peer == at(peer_text));
    CHECK(sent->from == turn::relay_handle{handle});

    const auto payload = bytes_of("answer");
    const auto back = node.server.on_peer(node.now, {handle}, at(peer_text), payload);
    REQUIRE(back.has_value());
    CHECK(back->path == dual.client.path);

    dual.client.ask(method::refresh, {lifetime(0s)});
    const auto ended = node.observer.all<contract::session_ended>();
    REQUIRE(ended.size() == 1);
    CHECK(ended.front().traffic.uplink_packets == 1);
    CHECK(ended.front().traffic.downlink_packets == 1);
}

TEST_CASE("RFC 8656 8.2: deleting one family spares the other's permissions and channels",
          "[rfc8656][refresh]") {
    world node;
    dual_client dual{node};
    const auto [deleted, gone, kept, peer_gone, kept_family] =
        GENERATE(table<std::uint8_t, std::uint16_t, std::uint16_t, const char*, std::uint8_t>({
            {ipv4, std::uint16_t{0x4000}, std::uint16_t{0x4001}, "9.9.9.9:7", ipv6},
            {ipv6, std::uint16_t{0x4001}, std::uint16_t{0x4000}, "[2a00::1]:7", ipv4},
        }));
    CHECK(dual.client.ask(method::refresh, {family(deleted), lifetime(0s)}).code() == success);
    CHECK(node.server.allocations() == 1);
    CHECK(node.ports.open_ports() == 1);
    CHECK_FALSE(dual.reaches(gone));
    CHECK(dual.reaches(kept));
    CHECK(dual.client.permit(peer_gone).code() == 443);
    CHECK(dual.client.bind(gone, peer_gone).code() == 443);
    CHECK(dual.client.ask(method::refresh, {family(deleted)}).code() == 443);
    CHECK(node.observer.all<contract::session_ended>().empty());

    CHECK(dual.client.ask(method::refresh, {family(kept_family), lifetime(0s)}).code() == success);
    CHECK(node.server.allocations() == 0);
    CHECK(node.ports.open_ports() == 0);
    CHECK(node.observer.all<contract::session_ended>().front().reason == end_reason::client_released);
}

TEST_CASE("RFC 8656 8.2: a Refresh with a family refreshes that one, and without one both",
          "[rfc8656][refresh]") {
    world node;
    dual_client dual{node};
    node.pass(300s);
    SECTION("one") {
        CHECK(dual.client.ask(method::refresh, {family(ipv6), lifetime(900s)}).lifetime() == 900s);
        node.pass(299s);
        CHECK(node.ports.open_ports() == 2);
        node.pass(1s);
        CHECK(node.ports.open_ports() == 1);
        CHECK(dual.client.ask(method::refresh, {family(ipv4)}).code() == 443);
        node.pass(599s);
        CHECK(node.server.allocations() == 1);
        node.pass(1s);
        CHECK(node.server.allocations() == 0);
    }
    SECTION("both") {
        CHECK(dual.client.ask(method::refresh, {lifetime(900s)}).lifetime() == 900s);
        node.pass(899s);
        CHECK(node.ports.open_ports() == 2);
        node.pass(1s);
        CHECK(node.server.allocations() == 0);
    }
    CHECK(node.ports.open_ports() == 0);
    CHECK(node.observer.all<contract::session_ended>().front().reason == end_reason::lifetime_expired);
}
