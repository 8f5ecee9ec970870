#include "relay/relay.hpp"

#include "common/net/sockaddr.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/turn/alternate_servers.hpp"
#include "tests/relay/io/certificate.hpp"
#include "tests/relay/io/udp_socket.hpp"
#include "tests/relay/relay/relay_client.hpp"
#include "tests/relay/relay/running_relay.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>
#include <variant>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace turnix;
using namespace std::chrono_literals;
using test::endpoint;
using test::running_relay;
using test::settings_for;

namespace {

/// Sends `count` payloads through the channel to a peer that echoes, and counts what comes back right.
int echoed(test::relay_client& client, std::uint16_t channel, const test::udp_socket& peer, int count,
           std::size_t payload_bytes) {
    int right = 0;
    for (int i = 0; i < count; ++i) {
        const test::bytes payload(payload_bytes, static_cast<std::byte>(i));
        client.send_channel_data(channel, payload);
        const auto at_peer = peer.receive();
        if (!at_peer) continue;
        peer.send(at_peer->from, at_peer->payload);
        if (client.receive_channel_data(channel) == payload) ++right;
    }
    return right;
}

/// In ascending order.
std::vector<int> descriptors_bound_to(const net::endpoint& address) {
    std::vector<int> found;
    for (int each = 0; each < 1'024; ++each) {
        sockaddr_storage local{};
        socklen_t length = sizeof local;
        if (::getsockname(each, static_cast<sockaddr*>(static_cast<void*>(&local)), &length) != 0) continue;
        if (net::from_sockaddr(local, length) == address) found.push_back(each);
    }
    return found;
}

}  // namespace

TEST_CASE("live sessions are told exactly, and ended by id or by an override", "[relay]") {
    const test::certificate certificate;
    const auto transport = GENERATE(net::transport::udp, net::transport::tcp, net::transport::tls);
    const auto revokes = GENERATE(true, false);
    auto settings = settings_for({{transport, endpoint("127.0.0.1:0")}});
    settings.tls = certificate.settings();
    running_relay relay{settings};
    const test::udp_socket peer{endpoint("127.0.0.1:0").address};
    auto client = relay.client();
    REQUIRE(client.allocate() == 200);
    REQUIRE(client.bind_channel(0x4000, peer.local()) == 200);
    REQUIRE(echoed(client, 0x4000, peer, 10, 1'000) == 10);

    const auto sessions = relay.node.live_sessions();
    REQUIRE(sessions->size() == 1);
    const auto& live = sessions->front();
    CHECK(live.relayed == client.relayed());
    CHECK(live.transport == transport);
    CHECK(live.peers == std::vector{peer.local().address});
    CHECK(live.traffic == contract::traffic_counters{.uplink_packets = 10,
                                                     .uplink_bytes = 10'000,
                                                     .downlink_packets = 10,
                                                     .downlink_bytes = 10'000});
    CHECK_FALSE(relay.node.terminate(session_id::random()));
    if (revokes) {
        const contract::credential_override revoked{.target = {.project = live.claims->project,
                                                               .scope = contract::override_scope::room,
                                                               .name = "room"},
                                                    .issued_before = live.claims->issued_at + 1s,
                                                    .version = 1,
                                                    .until = live.claims->sessions_end_at};
        relay.node.use(contract::override_set::of({&revoked, 1}));
        std::this_thread::sleep_for(200ms);
    } else {
        CHECK(relay.node.terminate(live.id));
    }
    CHECK(relay.node.live_sessions()->empty());
    CHECK(client.refresh(600s) == 437);
    const auto ended = relay.events<contract::session_ended>();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].reason == (revokes ? contract::end_reason::revoked : contract::end_reason::terminated));
}

TEST_CASE("RFC 8656 3.1: data goes to the peer and back, over every transport and family", "[relay]") {
    const test::certificate certificate;
    const auto transport =
        GENERATE(net::transport::udp, net::transport::tcp, net::transport::tls, net::transport::dtls);
    const auto* const at = GENERATE("127.0.0.1:0", "[::1]:0");
    auto settings = settings_for({{transport, endpoint(at)}});
    settings.tls = certificate.settings();
    settings.follow_listener_family = true;
    running_relay relay{settings};
    const test::udp_socket peer{endpoint(at).address};

    // A DTLS record takes 16,384 bytes.
    const std::size_t longest = transport == net::transport::dtls ? 16'000 : 30'000;
    auto client = relay.client();
    REQUIRE(client.allocate() == 200);
    CHECK(client.relayed().address == endpoint(at).address);
    REQUIRE(client.create_permission(peer.local()) == 200);
    REQUIRE(client.bind_channel(0x4000, peer.local()) == 200);
    CHECK(echoed(client, 0x4000, peer, 20, 1'001) == 20);
    CHECK(echoed(client, 0x4000, peer, 2, longest) == 2);
    CHECK(echoed(client, 0x4000, peer, 1, 0) == 1);

    const auto started = relay.events<contract::session_started>();
    REQUIRE(started.size() == 1);
    CHECK(started[0].claims->room == "room");
    CHECK(started[0].transport == transport);
    CHECK(started[0].server == relay.address());
    CHECK(started[0].relayed == client.relayed());
    CHECK(relay.node.load().sessions == 1);

    CHECK(relay.node.stop() == 1);
    const auto ended = relay.events<contract::session_ended>();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].id == started[0].id);
    CHECK(ended[0].reason == contract::end_reason::shutdown);
    const std::uint64_t relayed_bytes = 20 * 1'001 + 2 * longest;
    CHECK(ended[0].traffic == contract::traffic_counters{.uplink_packets = 23,
                                                         .uplink_bytes = relayed_bytes,
                                                         .downlink_packets = 23,
                                                         .downlink_bytes = relayed_bytes});
    CHECK(relay.node.load().sessions == 0);
}

TEST_CASE("RFC 7983 7: TCP and TLS share a port, UDP and DTLS another", "[relay]") {
    using enum net::transport;
    const test::certificate certificate;
    // The kernel's choice of a port, free again by then.
    const auto free = [](net::transport over) {
        return running_relay{settings_for({{over, endpoint("127.0.0.1:0")}})}.address();
    };
    const auto stream = free(tcp);
    const auto datagram = free(udp);
    auto settings = settings_for({{tcp, stream}, {tls, stream}, {udp, datagram}, {dtls, datagram}});
    settings.tls = certificate.settings();
    running_relay relay{settings};
    REQUIRE(relay.node.listeners().size() == 4);
    for (std::size_t listener = 0; listener < 4; ++listener) {
        auto client = relay.client(listener);
        REQUIRE(client.allocate() == 200);
        const auto started = relay.events<contract::session_started>();
        REQUIRE(started.size() == 1);
        CHECK(started[0].transport == settings.listeners[listener].transport);
        CHECK(started[0].server == settings.listeners[listener].address);
    }
}

TEST_CASE("two clients of one node talk to each other, on different transports and workers", "[relay]") {
    auto settings = settings_for(
        {{net::transport::udp, endpoint("127.0.0.1:0")}, {net::transport::tcp, endpoint("127.0.0.1:0")}});
    settings.peers.unsafe_allow.clear();
    running_relay relay{settings};
    auto alice = relay.client(0);
    auto bob = relay.client(1);
    REQUIRE(alice.allocate() == 200);
    REQUIRE(bob.allocate() == 200);
    REQUIRE(alice.bind_channel(0x4001, bob.relayed()) == 200);
    REQUIRE(bob.bind_channel(0x4002, alice.relayed()) == 200);
    for (int i = 0; i < 20; ++i) {
        const test::bytes payload(200, static_cast<std::byte>(i));
        alice.send_channel_data(0x4001, payload);
        CHECK(bob.receive_channel_data(0x4002) == payload);
        bob.send_channel_data(0x4002, payload);
        CHECK(alice.receive_channel_data(0x4001) == payload);
    }
}

TEST_CASE("an allocation ends with its client's connection", "[relay]") {
    running_relay relay{settings_for({{net::transport::tcp, endpoint("127.0.0.1:0")}})};
    {
        auto client = relay.client();
        REQUIRE(client.allocate() == 200);
    }
    std::vector<contract::session_ended> ended;
    for (int i = 0; i < 200 && ended.empty(); ++i) {
        std::this_thread::sleep_for(10ms);
        ended = relay.events<contract::session_ended>();
    }
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].reason == contract::end_reason::connection_closed);
    CHECK(relay.node.load().sessions == 0);
    CHECK(relay.node.stop() == 0);
}

TEST_CASE("RFC 8489 6.3.1.1: a listener on every address serves each of them", "[relay]") {
    auto settings = settings_for({{net::transport::udp, endpoint("0.0.0.0:0")}});
    settings.addresses = {{.local = endpoint("127.0.0.1:0").address, .external = std::nullopt}};
    running_relay relay{settings};
    const net::endpoint server{endpoint("127.0.0.1:0").address, relay.address().port};
    test::relay_client client{net::transport::udp, server, relay.issue(), relay.realm};
    CHECK(client.allocate() == 200);
}

TEST_CASE("a draining relay refuses new allocations and serves the old", "[relay]") {
    running_relay relay{settings_for({{net::transport::udp, endpoint("127.0.0.1:0")}})};
    const test::udp_socket peer{endpoint("127.0.0.1:0").address};
    auto old = relay.client();
    REQUIRE(old.allocate() == 200);
    relay.node.set_draining(true);
    CHECK(relay.node.load().draining);
    auto late = relay.client();
    CHECK(late.allocate() == 508);
    CHECK(old.bind_channel(0x4000, peer.local()) == 200);
    CHECK(echoed(old, 0x4000, peer, 1, 100) == 1);
    CHECK(old.refresh(0s) == 200);
    relay.node.set_draining(false);
    CHECK(late.allocate() == 200);
    CHECK(relay.node.stop() == 1);
}

TEST_CASE("RFC 8489 10: a draining relay sends new clients on, from every worker", "[rfc8489][relay]") {
    struct one_server final : turn::alternate_servers {
        [[nodiscard]] std::optional<turn::alternate_server> find(
            const turn::client_path& /*client*/,
            const credential::claims& /*claims*/) const noexcept override {
            return turn::alternate_server{.addresses = {endpoint("127.0.0.9:3478")}, .domain = {}};
        }
    };
    const one_server alternates;
    running_relay relay{settings_for({{net::transport::udp, endpoint("127.0.0.1:0")}}), &alternates};
    CHECK(relay.client().allocate() == 200);
    relay.node.set_draining(true);
    for (int i = 0; i < 8; ++i) CHECK(relay.client().allocate() == 300);
}

TEST_CASE("many clients at once lose nothing, and the counters say so", "[relay]") {
    running_relay relay{settings_for({{net::transport::udp, endpoint("127.0.0.1:0")}})};
    const test::udp_socket peer{endpoint("127.0.0.1:0").address};
    constexpr std::size_t count = 40;
    std::vector<test::relay_client> clients;
    for (std::size_t i = 0; i < count; ++i) {
        clients.push_back(relay.client());
        REQUIRE(clients.back().allocate() == 200);
        REQUIRE(clients.back().bind_channel(0x4000, peer.local()) == 200);
    }
    const test::bytes payload(160, std::byte{1});
    for (auto& client : clients) client.send_channel_data(0x4000, payload);
    for (std::size_t i = 0; i < count; ++i) {
        const auto datagram = peer.receive();
        REQUIRE(datagram.has_value());
        peer.send(datagram->from, datagram->payload);
    }
    for (auto& client : clients) CHECK(client.receive_channel_data(0x4000) == payload);
    CHECK(relay.node.load().sessions == count);
    CHECK(relay.node.stop() == count);
    const auto totals = relay.node.counters();
    CHECK(totals.protocol.relayed.uplink_packets == count);
    CHECK(totals.protocol.relayed.downlink_packets == count);
    CHECK(totals.datagrams.of(io::datagram_event::send_refused) == 0);
    CHECK(relay.events<contract::session_ended>().size() == count);
}

TEST_CASE("a second relay on the same address ends with the address and the remedy", "[relay]") {
    const auto transport = GENERATE(net::transport::udp, net::transport::tcp);
    running_relay first{settings_for({{transport, endpoint("127.0.0.1:0")}})};
    auto settings = settings_for({{transport, first.address()}});
    CHECK_THROWS_WITH(running_relay{settings}, Catch::Contains(first.address().to_string()) &&
                                                   Catch::Contains("in use") &&
                                                   Catch::Contains("relay.listeners"));
}

TEST_CASE("a start that cannot work names the fault and the remedy", "[relay]") {
    const test::certificate certificate;
    auto settings = settings_for({{net::transport::tls, endpoint("127.0.0.1:0")}});
    settings.tls = certificate.settings();
    std::string named;
    SECTION("no certificate configured") {
        settings.tls.reset();
        named = "relay.tls.certificate";
    }
    SECTION("certificate missing") {
        settings.tls->certificate = "/nonexistent/certificate.pem";
        named = "/nonexistent/certificate.pem: no such file";
    }
    SECTION("no certificate in the file") {
        std::ofstream{settings.tls->certificate} << "nothing\n";
        named = settings.tls->certificate.string() + ": holds no certificate";
    }
    SECTION("the key of another certificate") {
        const test::certificate other;
        std::filesystem::copy_file(other.settings().private_key, settings.tls->private_key,
                                   std::filesystem::copy_options::overwrite_existing);
        named = settings.tls->private_key.string() + ": holds no usable private key";
    }
    SECTION("no listener") {
        settings.listeners.clear();
        named = "relay.listeners";
    }
    CHECK_THROWS_WITH(running_relay{settings}, Catch::Contains(named));
}

TEST_CASE("a worker that cannot begin ends the start with the remedy, and the workers before it", "[relay]") {
    auto settings = settings_for({{net::transport::udp, endpoint("127.0.0.1:0")}});
    relay::relay node{{.settings = settings,
                       .keys = std::make_shared<const credential::key_ring>(
                           credential::key_ring::generate(instant::now(), std::chrono::days{1})),
                       .engine = test::engine(),
                       .own_addresses = {}}};
    if (node.engine() == "uring") return;  // nothing of it can fail here
    // The last worker's listener becomes a file, which epoll does not take.
    const auto sockets = descriptors_bound_to(node.listeners().front().address);
    REQUIRE(sockets.size() == 2);
    const io::file_descriptor file{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    REQUIRE(::dup2(file.get(), sockets.back()) == sockets.back());
    CHECK_THROWS_WITH(node.start(), Catch::Contains("worker 1 cannot start: cannot watch a listener") &&
                                        Catch::Contains("give fewer relay.workers"));
    CHECK(node.stop() == 0);
}

TEST_CASE("an engine that does not exist is refused with those that do", "[relay]") {
    CHECK_THROWS_WITH(
        (relay::relay{{.settings = settings_for({{net::transport::udp, endpoint("127.0.0.1:0")}}),
                       .keys = {},
                       .engine = "warp",
                       .own_addresses = {}}}),
        Catch::Contains("warp") && Catch::Contains("epoll"));
}
