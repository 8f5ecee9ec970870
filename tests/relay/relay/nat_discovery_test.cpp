#include "relay/turn/nat_discovery.hpp"

#include "relay/stun/address_attribute.hpp"
#include "relay/stun/attributes.hpp"
#include "tests/relay/io/certificate.hpp"
#include "tests/relay/io/udp_socket.hpp"
#include "tests/relay/relay/running_relay.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstddef>
#include <vector>

using namespace turnix;
using stun::attribute_type;
using test::endpoint;
using test::running_relay;
using test::settings_for;

namespace {

/// Two addresses of this machine, and two ports that are free at this moment on every one.
contract::nat_discovery_settings free_places() {
    const test::udp_socket one{endpoint("0.0.0.0:0").address};
    const test::udp_socket other{endpoint("0.0.0.0:0").address};
    return {.primary = {endpoint("127.0.0.1:0").address, one.local().port},
            .alternate = {endpoint("127.0.0.2:0").address, other.local().port}};
}

struct binding {
    net::endpoint from;
    std::vector<std::byte> answer;

    [[nodiscard]] net::endpoint address(attribute_type type) const {
        return stun::decode_address(stun::message_view::parse(answer).value().find(type).value()).value();
    }
};

binding ask(const test::udp_socket& client, const net::endpoint& server, const stun::change_request& change) {
    std::array<std::byte, 64> buffer{};
    stun::message_writer out{buffer, {stun::method::binding, stun::message_class::request, {}}};
    stun::add_change_request(out, change);
    client.send(server, out.message());
    auto answer = client.receive();
    REQUIRE(answer.has_value());
    return {.from = answer->from, .answer = std::move(answer->payload)};
}

}  // namespace

TEST_CASE("RFC 5780 6.1: the answer leaves from the socket that CHANGE-REQUEST asks for, of all four",
          "[rfc5780][relay]") {
    using enum net::transport;
    const test::certificate certificate;
    const auto discovery = free_places();
    const auto& [primary, alternate] = discovery;
    const net::endpoint on_all{net::address::unspecified(net::family::ipv4), alternate.port};
    std::vector<contract::listener_settings> listeners;
    SECTION("beside a listener elsewhere") { listeners = {{udp, endpoint("127.0.0.1:0")}}; }
    SECTION("where one of them is a listener") { listeners = {{udp, primary}}; }
    SECTION("where a listener on every address has one of the ports") { listeners = {{udp, on_all}}; }
    SECTION("where a DTLS listener has one of the ports") { listeners = {{dtls, on_all}, {dtls, primary}}; }
    auto settings = settings_for(listeners);
    settings.nat_discovery = discovery;
    settings.tls = certificate.settings();
    const running_relay relay{settings};
    CHECK(relay.node.listeners().size() == listeners.size());

    const test::udp_socket client{primary.address};
    for (const auto& to : turn::discovery_places(discovery)) {
        const auto opposite = turn::opposite_place(settings, {.client = {}, .server = to}).value();
        for (const auto& change : std::array<stun::change_request, 4>{
                 {{}, {.address = true}, {.port = true}, {.address = true, .port = true}}}) {
            const net::endpoint expected{change.address ? opposite.address : to.address,
                                         change.port ? opposite.port : to.port};
            const auto got = ask(client, to, change);
            CHECK(got.from == expected);
            CHECK(got.address(attribute_type::response_origin) == expected);
            CHECK(got.address(attribute_type::other_address) == opposite);
            CHECK(got.address(attribute_type::mapped_address) == client.local());
        }
    }
}

TEST_CASE("a place of discovery that cannot be listened on is refused by the key that it is from",
          "[relay]") {
    auto settings = settings_for({{net::transport::udp, endpoint("127.0.0.1:0")}});
    auto& places = settings.nat_discovery.emplace(free_places());
    const auto refusal = [&settings] {
        try {
            const running_relay relay{settings};
        } catch (const std::runtime_error& error) {
            return std::string{error.what()};
        }
        return std::string{"none"};
    };
    SECTION("another host's address") {
        places.alternate.address = endpoint("192.0.2.1:0").address;
        CHECK_THAT(refusal(),
                   Catch::Contains("192.0.2.1") &&
                       Catch::Contains("name an address of this host in relay.nat_discovery.alternate"));
    }
    SECTION("a port in use, also on the other address") {
        const auto* const address = GENERATE("127.0.0.1:0", "127.0.0.2:0");
        const test::udp_socket other{endpoint(address).address};
        const bool is_primary = GENERATE(true, false);
        (is_primary ? places.primary : places.alternate).port = other.local().port;
        const std::string key = is_primary ? "primary" : "alternate";
        CHECK_THAT(refusal(), Catch::Contains(other.local().to_string()) &&
                                  Catch::Contains("choose another port in relay.nat_discovery." + key));
    }
}
