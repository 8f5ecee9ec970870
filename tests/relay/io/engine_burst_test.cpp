// What an engine does with more than it can hold at once, and with relay ports that come and go meanwhile.

#include "tests/counted_allocations.hpp"
#include "tests/relay/io/engine_under_test.hpp"
#include "tests/relay/io/engines.hpp"
#include "tests/relay/io/udp_socket.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace turnix;
using test::address;
using test::bytes_of;
using test::engine_under_test;

namespace {

/// Relay ports of an engine on this host, with where they are.
struct open_port {
    turn::relay_handle handle;
    net::endpoint at;
};

std::vector<open_port> open_ports(engine_under_test& of, std::size_t count) {
    std::vector<open_port> ports;
    for (std::size_t i = 0; i < count; ++i) {
        const auto handle = of.open_relay(address("127.0.0.1"));
        ports.push_back({handle, of.relay_endpoint});
    }
    return ports;
}

}  // namespace

TEST_CASE("more than an engine has room for arrives whole, and so does what follows", "[io][burst]") {
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    engine_under_test under_test{name, address("127.0.0.1")};
    auto& sink = under_test.sink;
    const test::udp_socket client{address("127.0.0.1")};
    const test::udp_socket peer{address("127.0.0.1")};
    constexpr int to_each_port = 100;
    const auto ports = open_ports(under_test, 10);
    const auto payload = bytes_of("payload");
    for (int round = 1; round <= 2; ++round) {
        for (int i = 0; i < to_each_port; ++i) {
            for (const open_port& port : ports) peer.send(port.at, payload);
        }
        for (int i = 0; i < 600; ++i) client.send(under_test.listener, payload);
        CHECK(under_test.run_until([&] {
            return sink.from_peers == round * 10 * to_each_port && sink.from_clients == round * 600;
        }));
    }
}

TEST_CASE("busy peers do not keep clients waiting", "[io][burst]") {
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    engine_under_test under_test{name, address("127.0.0.1")};
    auto& sink = under_test.sink;
    const test::udp_socket client{address("127.0.0.1")};
    const test::udp_socket peer{address("127.0.0.1")};
    const auto ports = open_ports(under_test, 20);
    const auto payload = bytes_of("payload");
    for (int i = 0; i < 100; ++i) {
        for (const open_port& port : ports) peer.send(port.at, payload);
    }
    client.send(under_test.listener, payload);
    int before_client = -1;
    sink.on_client = [&](const auto&, auto) { before_client = sink.from_peers; };
    REQUIRE(under_test.run_until([&] { return sink.from_clients == 1; }));
    CHECK(before_client < 1'000);
    CHECK(under_test.run_until([&] { return sink.from_peers == 2'000; }));
}

TEST_CASE("empty datagrams do not stop those that follow", "[io][burst]") {
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    engine_under_test under_test{name, address("127.0.0.1")};
    const test::udp_socket client{address("127.0.0.1")};
    const test::udp_socket peer{address("127.0.0.1")};
    static_cast<void>(under_test.open_relay(address("127.0.0.1")));
    for (const auto* const text : {"", "one", "", "", "two"}) {
        client.send(under_test.listener, bytes_of(text));
        peer.send(under_test.relay_endpoint, bytes_of(text));
    }
    CHECK(under_test.run_until(
        [&] { return under_test.sink.from_clients == 5 && under_test.sink.from_peers == 5; }));
}

TEST_CASE("what came to a relay port that closes is not shown to its successor", "[io][burst]") {
    const std::string name = GENERATE(from_range(test::served_engines()));
    // One socket serves all its ports: what waits there is for who has the port when it is shown.
    if (name == "shared") return;
    INFO(name);
    engine_under_test under_test{name, address("127.0.0.1")};
    auto& sink = under_test.sink;
    auto& engine = *under_test.engine;
    const test::udp_socket peer{address("127.0.0.1")};
    auto ports = open_ports(under_test, 8);
    for (int i = 0; i < 50; ++i) {
        for (const open_port& port : ports) peer.send(port.at, bytes_of("old"));
    }
    // The first datagram closes every port, and opens as many at the same places.
    sink.on_peer = [&](turn::relay_handle, const net::endpoint&, std::span<const std::byte>) {
        if (sink.from_peers != 1) return;
        for (const open_port& port : ports) engine.close_relay(port.handle);
        for (open_port& port : ports) port.handle = engine.open_relay(port.at).value();
    };
    REQUIRE(under_test.run_until([&] { return sink.from_peers > 0; }));
    under_test.context.run_for(std::chrono::milliseconds{20});
    CHECK(sink.from_peers == 1);
    std::vector<turn::relay_handle> shown_at;
    sink.on_peer = [&](turn::relay_handle at, const net::endpoint&, std::span<const std::byte> payload) {
        shown_at.push_back(at);
        CHECK(payload.size() == 4);
    };
    for (const open_port& port : ports) peer.send(port.at, bytes_of("new!"));
    REQUIRE(under_test.run_until([&] { return shown_at.size() == ports.size(); }));
    for (std::size_t i = 0; i < ports.size(); ++i) CHECK(shown_at[i] == ports[i].handle);
}

TEST_CASE("a relay port that goes to another engine takes along what waits in it", "[io][burst]") {
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    const auto engines = std::make_shared<io::engine_factory>(io::engine_options{
        .name = name, .relay_addresses = {address("127.0.0.1")}, .ports = {}, .workers = 2});
    engine_under_test first{engines, address("127.0.0.1")};
    engine_under_test second{engines, address("127.0.0.1")};
    const test::udp_socket peer{address("127.0.0.1")};
    const auto port = open_ports(first, 1).front();
    peer.send(port.at, bytes_of("before"));
    REQUIRE(first.run_until([&] { return first.sink.from_peers == 1; }));
    // On the engine that steers ports what comes before the release is the first one's.
    if (name != "shared") peer.send(port.at, bytes_of("waits"));
    auto socket = first.engine->release_relay(port.handle);
    peer.send(port.at, bytes_of("waits"));
    const int waiting = name == "shared" ? 1 : 2;
    const auto adopted = second.engine->adopt_relay(std::move(socket), net::family::ipv4).value();
    second.sink.on_peer = [&](turn::relay_handle at, const net::endpoint&,
                              std::span<const std::byte> payload) {
        CHECK(at == adopted);
        CHECK(payload.size() == 5);
    };
    CHECK(second.run_until([&] { return second.sink.from_peers == waiting; }));
    first.context.run_for(std::chrono::milliseconds{5});
    CHECK(first.sink.from_peers == 1);
    peer.send(port.at, bytes_of("after"));
    CHECK(second.run_until([&] { return second.sink.from_peers == waiting + 1; }));
}

TEST_CASE("what an engine relays costs no memory, in either direction", "[io][hot_path]") {
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    engine_under_test under_test{name, address("127.0.0.1")};
    auto& sink = under_test.sink;
    auto& engine = *under_test.engine;
    const test::udp_socket client{address("127.0.0.1")};
    const test::udp_socket peer{address("127.0.0.1")};
    const auto ports = open_ports(under_test, 10);
    turn::client_path path;
    sink.on_client = [&](const turn::client_path& from, std::span<const std::byte> message) {
        path = from;
        for (const open_port& port : ports) {
            engine.send_to_peer({.from = port.handle, .peer = peer.local(), .payload = message});
        }
    };
    sink.on_peer = [&](turn::relay_handle, const net::endpoint&, std::span<const std::byte> payload) {
        engine.send_to_client({.path = path, .header_storage = {}}, payload);
    };
    const auto payload = bytes_of("payload");
    const auto relay_once = [&] {
        client.send(under_test.listener, payload);
        for (const open_port& port : ports) peer.send(port.at, payload);
        const auto clients = sink.from_clients + 1;
        const auto peers = sink.from_peers + 10;
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{2};
        while ((sink.from_clients < clients || sink.from_peers < peers) &&
               std::chrono::steady_clock::now() < deadline) {
            under_test.context.run_for(std::chrono::milliseconds{2});
        }
        return sink.from_clients == clients && sink.from_peers == peers;
    };
    REQUIRE(relay_once());
    const auto before = test::allocations_made();
    bool all_came = true;
    for (int i = 0; i < 100; ++i) all_came = relay_once() && all_came;
    CHECK(test::allocations_made() == before);
    CHECK(all_came);
}
