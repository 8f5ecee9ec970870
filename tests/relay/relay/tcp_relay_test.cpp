// RFC 6062 through whole relays: connections whose client binds them on any worker.
#include "relay/io/socket.hpp"
#include "tests/relay/io/certificate.hpp"
#include "tests/relay/io/tcp_client.hpp"
#include "tests/relay/relay/running_relay.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <sys/socket.h>

using namespace turnix;
using namespace std::chrono_literals;
using test::bytes;
using test::endpoint;
using test::running_relay;

namespace {

constexpr auto tcp = stun::transport_protocol::tcp;

contract::relay_settings tcp_settings(net::transport transport, std::uint16_t workers) {
    auto settings = test::settings_for({{transport, endpoint("127.0.0.1:0")}});
    settings.tcp_relay.enabled = true;
    settings.workers = workers;
    return settings;
}

/// A listener of the test's own, and what it accepts.
struct listening_peer {
    io::file_descriptor listener{
        io::open_tcp_listener(endpoint("127.0.0.1:0"), io::port_sharing::exclusive).value()};

    net::endpoint address() const { return io::bound_endpoint(listener); }
    io::file_descriptor accept() const {
        pollfd ready{.fd = listener.get(), .events = POLLIN, .revents = 0};
        ::poll(&ready, 1, 2'000);
        return io::file_descriptor{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    }
};

bytes receive_all(test::message_link& link, std::size_t count) {
    bytes all;
    while (all.size() < count) {
        const auto some = link.receive_raw(2'000);
        if (some.empty()) break;
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

/// The kernel spreads connections over the workers: of so many over three workers, some come to the
/// allocation's own and some to another one (all but once in ten thousand runs).
constexpr int many = 24;

}  // namespace

TEST_CASE("RFC 6062 5.4: a connection is bound on whichever worker the client's came to", "[relay][tcp]") {
    const auto transport = GENERATE(net::transport::tcp, net::transport::tls);
    const test::certificate certificate;
    auto settings = tcp_settings(transport, 3);
    settings.tls = certificate.settings();
    settings.limits.tcp_connections_per_allocation_max = many;
    running_relay relay{settings};
    const auto credential = relay.issue();
    const auto connection = [&] {
        return test::relay_client{transport, relay.address(), credential, relay.realm};
    };
    auto control = connection();
    REQUIRE(control.allocate(tcp) == 200);
    REQUIRE(control.create_permission(endpoint("127.0.0.1:1")) == 200);

    constexpr std::size_t up_bytes = 1'000;
    constexpr std::size_t down_bytes = 3'000;
    std::vector<test::relay_client> data;
    std::vector<io::file_descriptor> peers;
    std::vector<std::unique_ptr<listening_peer>> listeners;
    std::vector<std::unique_ptr<test::tcp_client>> callers;
    for (int i = 0; i < many; ++i) {
        stun::connection_id id;
        int peer = -1;
        if (i % 2 == 0) {
            listeners.push_back(std::make_unique<listening_peer>());
            REQUIRE(control.connect_to(listeners.back()->address()) == 200);
            peers.push_back(listeners.back()->accept());
            peer = peers.back().get();
            id = control.connection();
        } else {
            callers.push_back(std::make_unique<test::tcp_client>(control.relayed()));
            const auto attempt = control.receive_attempt();
            REQUIRE(attempt.has_value());
            id = *attempt;
            peer = callers.back()->native();
        }
        data.push_back(connection());
        REQUIRE(data.back().connection_bind(id) == 200);
        const bytes up(up_bytes, static_cast<std::byte>(i));
        const bytes down(down_bytes, static_cast<std::byte>(i + 100));
        data.back().link().send_raw(up);
        ::send(peer, down.data(), down.size(), MSG_NOSIGNAL);
        bytes at_peer(up_bytes);
        CHECK(::recv(peer, at_peer.data(), at_peer.size(), MSG_WAITALL) == up_bytes);
        CHECK(at_peer == up);
        CHECK(receive_all(data.back().link(), down_bytes) == down);
    }

    SECTION("the allocation ends them all") { REQUIRE(control.refresh(0s) == 200); }
    SECTION("the relay's stop ends them all") { relay.node.stop(); }
    for (auto& each : data) CHECK(each.link().receive_raw(2'000).empty());
    std::byte one{};
    for (const auto& each : peers) CHECK(::recv(each.get(), &one, 1, 0) <= 0);
    for (const auto& each : callers) CHECK(each->is_closed_by_server());
    relay.node.stop();
    const auto ended = relay.events<contract::session_ended>();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].traffic ==
          contract::traffic_counters{.uplink_bytes = many * up_bytes, .downlink_bytes = many * down_bytes});
    CHECK(relay.node.counters().protocol.relayed.downlink_bytes == many * down_bytes);
}

TEST_CASE("RFC 6062 5.5: while bytes flow, the record has all that was passed on, and no more",
          "[relay][tcp]") {
    running_relay relay{tcp_settings(net::transport::tcp, 2)};
    const auto credential = relay.issue();
    for (int round = 0; round < 8; ++round) {
        test::relay_client control{net::transport::tcp, relay.address(), credential, relay.realm};
        test::relay_client data{net::transport::tcp, relay.address(), credential, relay.realm};
        const listening_peer peer;
        REQUIRE(control.allocate(tcp) == 200);
        REQUIRE(control.connect_to(peer.address()) == 200);
        const auto at_peer = peer.accept();
        REQUIRE(data.connection_bind(control.connection()) == 200);
        std::atomic<std::uint64_t> arrived = 0;
        std::thread reader{[&] {
            bytes into(65'536);
            while (true) {
                const auto count = ::recv(at_peer.get(), into.data(), into.size(), 0);
                if (count <= 0) return;
                arrived += static_cast<std::uint64_t>(count);
            }
        }};
        std::thread writer{[&] {
            const bytes chunk(20'000, std::byte{1});
            try {
                while (true) data.link().send_raw(chunk);
            } catch (const std::exception&) {  // closed, as it should be
            }
        }};
        while (arrived == 0) std::this_thread::sleep_for(1ms);
        CHECK(control.refresh(0s) == 200);
        reader.join();
        writer.join();
        std::vector<contract::session_ended> ended;
        while (ended.empty()) ended = relay.events<contract::session_ended>();
        // What was read and counted may have been on its way out when the pair was closed: one read at most,
        // and what the kernel had not delivered.
        CHECK(ended[0].traffic.uplink_bytes >= arrived);
    }
}

TEST_CASE("a CONNECT to a port where nobody listens is 447, and may be tried again", "[relay][tcp]") {
    running_relay relay{tcp_settings(net::transport::tcp, 2)};
    auto control = relay.client();
    net::endpoint nobody;
    {
        const listening_peer gone;
        nobody = gone.address();
    }
    REQUIRE(control.allocate(tcp) == 200);
    CHECK(control.connect_to(nobody) == 447);
    CHECK(control.connect_to(nobody) == 447);
}

TEST_CASE("two clients of one node connect to each other inside it, without any peer being allowed",
          "[relay][tcp]") {
    auto settings = tcp_settings(net::transport::tcp, 2);
    settings.peers.unsafe_allow.clear();
    running_relay relay{settings};
    const auto of_alice = relay.issue();
    const auto of_bob = relay.issue();
    const auto connection = [&](const credential::issued_credential& credential) {
        return test::relay_client{net::transport::tcp, relay.address(), credential, relay.realm};
    };
    auto alice = connection(of_alice);
    auto bob = connection(of_bob);
    REQUIRE(alice.allocate(tcp) == 200);
    REQUIRE(bob.allocate(tcp) == 200);
    REQUIRE(bob.create_permission(alice.relayed()) == 200);
    REQUIRE(alice.connect_to(bob.relayed()) == 200);
    const auto attempt = bob.receive_attempt();
    REQUIRE(attempt.has_value());
    auto alices = connection(of_alice);
    auto bobs = connection(of_bob);
    REQUIRE(alices.connection_bind(alice.connection()) == 200);
    REQUIRE(bobs.connection_bind(*attempt) == 200);
    const bytes hello(100, std::byte{42});
    alices.link().send_raw(hello);
    CHECK(receive_all(bobs.link(), hello.size()) == hello);

    // And nowhere else.
    const listening_peer outside;
    CHECK(alice.connect_to(outside.address()) == 403);
}
