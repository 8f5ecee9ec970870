#include "relay/turn/nat_discovery.hpp"

#include "relay/stun/address_attribute.hpp"
#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::turn_test;

namespace {

const world::adjustment two_places = [](contract::relay_settings& settings) {
    settings.nat_discovery = {.primary = at("192.0.2.10:3478"), .alternate = at("192.0.2.11:3479")};
    settings.addresses.front().external.reset();
};

std::function<void(stun::message_writer&)> change(bool address, bool port) {
    return
        [=](stun::message_writer& out) { stun::add_change_request(out, {.address = address, .port = port}); };
}

net::endpoint plain_address(const answered& answer, attribute_type type) {
    const auto value = answer.text(type);
    return stun::decode_address(std::as_bytes(std::span{value})).value();
}

/// A client that sends to this place of the server.
test_client client_to(world& node, const char* server, net::transport over = net::transport::udp) {
    test_client client{node, "198.51.100.7:40000", over};
    client.path.server = at(server);
    return client;
}

/// Where the answer to a Binding leaves from, and the answer.
std::pair<net::endpoint, answered> ask_binding(test_client& client, const attributes& with) {
    std::array<std::byte, 512> buffer{};
    stun::message_writer out{buffer, {method::binding, stun::message_class::request, client.next_id()}};
    for (const auto& add : with) add(out);
    const auto effect = client.send(out.message());
    return {std::get<turn::reply>(effect).from.value_or(client.path.server), answered::from(effect)};
}

}  // namespace

TEST_CASE("RFC 5780 6.1: a Binding is answered from where CHANGE-REQUEST says, from each of four places",
          "[rfc5780][binding]") {
    struct row {
        const char* to;
        const char* other_address;  ///< with the same port
        const char* other_port;
        const char* opposite;
    };
    const auto place = GENERATE(values<row>({
        {"192.0.2.10:3478", "192.0.2.11:3478", "192.0.2.10:3479", "192.0.2.11:3479"},
        {"192.0.2.10:3479", "192.0.2.11:3479", "192.0.2.10:3478", "192.0.2.11:3478"},
        {"192.0.2.11:3478", "192.0.2.10:3478", "192.0.2.11:3479", "192.0.2.10:3479"},
        {"192.0.2.11:3479", "192.0.2.10:3479", "192.0.2.11:3478", "192.0.2.10:3478"},
    }));
    world node{two_places};
    auto client = client_to(node, place.to);
    const std::vector<std::pair<attributes, const char*>> wishes{{{}, place.to},
                                                                 {{change(false, false)}, place.to},
                                                                 {{change(true, false)}, place.other_address},
                                                                 {{change(false, true)}, place.other_port},
                                                                 {{change(true, true)}, place.opposite}};
    for (const auto& [with, expected] : wishes) {
        const auto [from, answer] = ask_binding(client, with);
        CHECK(answer.code() == success);
        CHECK(from == at(expected));
        CHECK(plain_address(answer, attribute_type::response_origin) == from);
        CHECK(plain_address(answer, attribute_type::other_address) == at(place.opposite));
        CHECK(answer.address(attribute_type::xor_mapped_address) == client.path.client);
        CHECK(plain_address(answer, attribute_type::mapped_address) == client.path.client);
    }
}

TEST_CASE("RFC 5780 6.1: behind 1:1 NAT the places are told as clients reach them", "[rfc5780][binding]") {
    world node{[](auto& settings) {
        two_places(settings);
        settings.addresses.front().external = ip("203.0.113.10");
    }};
    auto client = client_to(node, "192.0.2.11:3478");
    const auto [from, answer] = ask_binding(client, {change(true, true)});
    CHECK(from == at("192.0.2.10:3479"));
    CHECK(plain_address(answer, attribute_type::response_origin) == at("203.0.113.10:3479"));
    CHECK(plain_address(answer, attribute_type::other_address) == at("203.0.113.10:3479"));
}

TEST_CASE("RFC 5780 6.1: where no other place is, CHANGE-REQUEST is 420 and none is told of",
          "[rfc5780][binding]") {
    struct row {
        const char* what;
        world::adjustment adjust;
        const char* to;
        net::transport over;
    };
    const auto each = GENERATE(values<row>({
        {"discovery is off", [](auto&) {}, "192.0.2.10:3478", net::transport::udp},
        {"another listener's port", two_places, "192.0.2.10:443", net::transport::udp},
        {"another listener's address", two_places, "192.0.2.12:3478", net::transport::udp},
        {"TCP", two_places, "192.0.2.10:3478", net::transport::tcp},
        {"TLS", two_places, "192.0.2.10:3478", net::transport::tls},
        {"DTLS", two_places, "192.0.2.10:3478", net::transport::dtls},
    }));
    DYNAMIC_SECTION(each.what) {
        world node{each.adjust};
        auto client = client_to(node, each.to, each.over);
        const auto [from, plain] = ask_binding(client, {});
        CHECK(plain.code() == success);
        CHECK_FALSE(plain.has(attribute_type::response_origin));
        CHECK_FALSE(plain.has(attribute_type::other_address));
        const auto refused = ask_binding(client, {change(true, true)});
        CHECK(refused.first == client.path.server);
        CHECK(refused.second.code() == 420);
        CHECK(refused.second.text(attribute_type::unknown_attributes) == std::string_view{"\0\3", 2});
    }
}

TEST_CASE(
    "RFC 5780 7.5 and 7.6: RESPONSE-PORT and PADDING are refused with 420, from where the request came to",
    "[rfc5780][binding]") {
    world node{two_places};
    auto client = client_to(node, "192.0.2.10:3478");
    const auto type = GENERATE(attribute_type::response_port, attribute_type::padding);
    const auto [from, answer] = ask_binding(client, {change(true, true), raw(type, "abcd")});
    CHECK(answer.code() == 420);
    CHECK(answer.text(attribute_type::unknown_attributes).size() == 2);
    CHECK(from == client.path.server);
}

TEST_CASE("RFC 5780 7.2: a CHANGE-REQUEST of another length is 400", "[rfc5780][binding]") {
    world node{two_places};
    auto client = client_to(node, "192.0.2.10:3478");
    const auto [from, answer] = ask_binding(client, {raw(attribute_type::change_request, "abc")});
    CHECK(answer.code() == 400);
    CHECK(from == client.path.server);
}

TEST_CASE("RFC 5780 6.1: CHANGE-REQUEST is of Bindings only", "[rfc5780]") {
    world node{two_places};
    auto client = client_to(node, "192.0.2.10:3478");
    CHECK(client.ask(method::allocate, {udp(), change(true, true)}).code() == 420);
    CHECK(node.server.allocations() == 0);
}

TEST_CASE("with discovery, a Binding's answer is at most twice the request on the wire, 2.5 times over IPv6",
          "[rfc5780][binding]") {
    struct row {
        const char* client;
        const char* primary;
        const char* alternate;
        std::size_t below_stun_bytes;  ///< IP and UDP headers
        std::size_t tenfold_max;
    };
    const auto each = GENERATE(values<row>({
        {"198.51.100.7:40000", "192.0.2.10:3478", "192.0.2.11:3479", 28, 20},
        {"[2001:db8:7::7]:40000", "[2001:db8::10]:3478", "[2001:db8::11]:3479", 48, 25},
    }));
    world node{[&each](auto& settings) {
        settings.nat_discovery = {.primary = at(each.primary), .alternate = at(each.alternate)};
    }};
    test_client client{node, each.client};
    client.path.server = at(each.primary);
    const auto answer = client.ask_unsigned(method::binding, {});
    REQUIRE(answer.has(attribute_type::other_address));
    CHECK(10 * (answer.message().size() + each.below_stun_bytes) <=
          each.tenfold_max * (stun::header_bytes + each.below_stun_bytes));
}
