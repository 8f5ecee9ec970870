// What is asked of a client is asked of it over every transport: other servers had checks that one of their
// transports went around.
#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <variant>

using namespace turnix;
using namespace turnix::turn_test;

namespace {

constexpr std::array authenticated_methods{method::allocate, method::refresh, method::create_permission,
                                           method::channel_bind};

bool is_silence(const turn::client_effect& effect) { return std::holds_alternative<turn::silence>(effect); }

net::transport any_transport() {
    return GENERATE(net::transport::udp, net::transport::tcp, net::transport::tls, net::transport::dtls);
}

}  // namespace

TEST_CASE("on every transport nothing is had without authentication", "[transport][authentication]") {
    world node;
    test_client client{node, "198.51.100.7:40000", any_transport()};
    for (const auto of : authenticated_methods) {
        CHECK(client.ask_unsigned(of, {udp(), peer("9.9.9.9:1"), channel(0x4000)}).code() == 401);
        CHECK(client.ask(of, {udp(), peer("9.9.9.9:1")}, {.password = "guessed"}).code() == 401);
        CHECK(client.ask(of, {udp(), peer("9.9.9.9:1")}, {.nonce = "made up"}).code() == 438);
    }
    CHECK(node.server.allocations() == 0);
}

TEST_CASE("on every transport nothing is relayed without an allocation", "[transport][data]") {
    world node;
    test_client client{node, "198.51.100.7:40000", any_transport()};
    CHECK(client.permit("9.9.9.9:1").code() == 437);
    CHECK(client.bind(0x4000, "9.9.9.9:1").code() == 437);
    CHECK(client.ask(method::refresh, {}).code() == 437);
    CHECK(is_silence(client.send_indication({peer("9.9.9.9:1"), data("x")})));
    CHECK(is_silence(client.send_channel_data(0x4000, "x")));
}

TEST_CASE("on every transport nothing passes without a permission, either way",
          "[transport][permission][data]") {
    world node;
    test_client client{node, "198.51.100.7:40000", any_transport()};
    client.allocate();
    const auto heard_from = [&](const char* from) {
        return node.server.on_peer(node.now, {0}, at(from), bytes_of("x")).has_value();
    };
    REQUIRE(client.permit("9.9.9.9:1").code() == success);
    CHECK_FALSE(is_silence(client.send_indication({peer("9.9.9.9:7"), data("x")})));
    CHECK(heard_from("9.9.9.9:7"));

    CHECK(is_silence(client.send_indication({peer("9.9.9.8:7"), data("x")})));
    CHECK(is_silence(client.send_channel_data(0x4000, "x")));
    CHECK_FALSE(heard_from("9.9.9.8:7"));
    node.pass(301s);
    CHECK(is_silence(client.send_indication({peer("9.9.9.9:7"), data("x")})));
    CHECK_FALSE(heard_from("9.9.9.9:7"));
}

TEST_CASE("on every transport a denied peer is 403, and what was permitted ends with a reload that denies it",
          "[transport][peer_policy]") {
    world node;
    test_client client{node, "198.51.100.7:40000", any_transport()};
    client.allocate();
    for (const auto* const denied : {"127.0.0.1:1", "10.0.0.1:1", "169.254.169.254:80", "192.0.2.1:3478"}) {
        CHECK(client.permit(denied).code() == 403);
        CHECK(client.bind(0x4000, denied).code() == 403);
        CHECK(is_silence(client.send_indication({peer(denied), data("x")})));
    }
    REQUIRE(client.bind(0x4000, "9.9.9.9:1").code() == success);
    node.settings.peers.deny = {net::cidr::parse("9.9.9.0/24").value()};
    node.server.on_settings_changed();
    CHECK(is_silence(client.send_channel_data(0x4000, "x")));
    CHECK(is_silence(client.send_indication({peer("9.9.9.9:1"), data("x")})));
    CHECK_FALSE(node.server.on_peer(node.now, {0}, at("9.9.9.9:1"), bytes_of("x")).has_value());
}

TEST_CASE("on every transport an allocation is its user's, and a credential's quota holds",
          "[transport][quota]") {
    world node;
    node.admission.change({.allocations_per_credential_max = 1});
    const auto over = any_transport();
    test_client client{node, "198.51.100.7:40000", over};
    client.allocate();
    test_client stranger{node, "198.51.100.7:40000", over};
    CHECK(stranger.ask(method::refresh, {lifetime(0s)}).code() == 441);
    CHECK(stranger.permit("9.9.9.9:1").code() == 441);
    CHECK(stranger.bind(0x4000, "9.9.9.9:1").code() == 441);
    test_client second{node, "198.51.100.7:40001", over};
    second.credential = client.credential;
    CHECK(second.ask(method::allocate, {udp()}).code() == 486);
    CHECK(node.server.allocations() == 1);
}
