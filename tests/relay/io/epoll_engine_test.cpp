#include "relay/io/epoll_engine.hpp"

#include "relay/io/listener_group.hpp"
#include "tests/relay/io/ip_header.hpp"
#include "tests/relay/io/udp_socket.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace turnix;

namespace {

std::vector<std::byte> bytes_of(const std::string& text) {
    std::vector<std::byte> bytes(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
}

net::address address(const char* text) { return net::address::parse(text).value(); }

/// Does with each datagram what a test says, and counts.
struct scripted_sink : io::datagram_sink {
    void on_batch() noexcept override { ++batches; }
    void on_client_datagram(const turn::client_path& path, std::span<std::byte> message) noexcept override {
        ++from_clients;
        on_client(path, message);
    }
    void on_peer_datagram(turn::relay_handle at, const net::endpoint& peer,
                          std::span<std::byte> payload) noexcept override {
        ++from_peers;
        on_peer(at, peer, payload);
    }
    void on_peer_error(turn::relay_handle at, const net::endpoint& peer,
                       const stun::icmp_error& error) noexcept override {
        errors.push_back({at, peer, error});
    }
    void on_batch_end() noexcept override {}

    struct reported {
        turn::relay_handle at;
        net::endpoint peer;
        stun::icmp_error error;
    };

    int batches{0};
    int from_clients{0};
    int from_peers{0};
    std::vector<reported> errors;
    std::function<void(const turn::client_path&, std::span<const std::byte>)> on_client{
        [](const auto&, auto) {}};
    std::function<void(turn::relay_handle, const net::endpoint&, std::span<std::byte>)> on_peer{
        [](auto, const auto&, auto) {}};
};

/// An engine with one listener, run on this thread.
struct engine_under_test {
    explicit engine_under_test(const net::address& at)
        : group{io::open_listener_group({net::transport::udp, {at, 0}}, 1)},
          listener{group.bound.address},
          engine{context, listeners()} {
        engine.start(sink);
    }

    std::vector<io::datagram_listener> listeners() {
        std::vector<io::datagram_listener> list;
        list.push_back({std::move(group.sockets.front()), listener});
        return list;
    }
    /// Runs until it holds, at most two seconds.
    bool run_until(const std::function<bool()>& holds) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{2};
        while (!holds() && std::chrono::steady_clock::now() < deadline) {
            context.run_for(std::chrono::milliseconds{2});
        }
        return holds();
    }
    /// On a free port: the neighbour of one that the kernel gives, unless it is somebody else's.
    turn::relay_handle open_relay(const net::address& at) {
        for (;;) {
            const test::udp_socket chooser{at};
            relay_endpoint = chooser.local();
            relay_endpoint.port = static_cast<std::uint16_t>(relay_endpoint.port ^ 1U);
            const auto opened = engine.open_relay(relay_endpoint);
            if (opened || opened.error() != io::bind_error::in_use) return opened.value();
        }
    }

    boost::asio::io_context context{1};
    io::listener_group group;
    net::endpoint listener;
    scripted_sink sink;
    io::epoll_engine engine;
    net::endpoint relay_endpoint;
};

}  // namespace

TEST_CASE("what a client sends leaves from the relay port, and the peer's answer comes back framed", "[io]") {
    const auto* const loopback = GENERATE("127.0.0.1", "::1");
    const std::size_t payload_bytes = GENERATE(0U, 1U, 1200U, 65'000U);
    engine_under_test under_test{address(loopback)};
    auto& sink = under_test.sink;
    auto& engine = under_test.engine;
    const test::udp_socket client{address(loopback)};
    const test::udp_socket peer{address(loopback)};
    const auto relay = under_test.open_relay(address(loopback));
    turn::client_path path;

    sink.on_client = [&](const turn::client_path& from, std::span<const std::byte> message) {
        path = from;
        engine.send_to_peer({.from = relay, .peer = peer.local(), .payload = message});
    };
    const std::vector<std::byte> payload(payload_bytes, std::byte{0x5a});
    client.send(under_test.listener, payload);
    REQUIRE(under_test.run_until([&] { return sink.from_clients == 1; }));
    CHECK(path.client == client.local());
    CHECK(path.server == under_test.listener);
    CHECK(path.transport == net::transport::udp);
    const auto at_peer = peer.receive();
    REQUIRE(at_peer.has_value());
    CHECK(at_peer->from == under_test.relay_endpoint);
    CHECK(at_peer->payload == payload);

    sink.on_peer = [&](turn::relay_handle at, const net::endpoint& from, std::span<std::byte> received) {
        CHECK(at == relay);
        CHECK(from == peer.local());
        turn::to_client how{.path = path, .header_storage = {}, .header_bytes = 4, .padding = 3};
        how.header_storage.fill(std::byte{0x40});
        engine.send_to_client(how, received);
    };
    peer.send(under_test.relay_endpoint, payload);
    REQUIRE(under_test.run_until([&] { return sink.from_peers == 1; }));
    const auto at_client = client.receive();
    REQUIRE(at_client.has_value());
    CHECK(at_client->from == under_test.listener);
    auto framed = bytes_of("@@@@");
    framed.insert(framed.end(), payload.begin(), payload.end());
    framed.insert(framed.end(), 3, std::byte{0});
    CHECK(at_client->payload == framed);
}

TEST_CASE("RFC 8489 6.3.1.1: a listener on every address answers from the one that the request came to",
          "[io]") {
    const auto [wildcard, asked] = GENERATE(table<const char*, const char*>({
        {"0.0.0.0", "127.0.0.1"},
        {"0.0.0.0", "127.1.2.3"},
        {"::", "::1"},
    }));
    engine_under_test under_test{address(wildcard)};
    const test::udp_socket client{address(asked[0] == ':' ? "::1" : "127.0.0.1")};
    const net::endpoint server{address(asked), under_test.listener.port};
    under_test.sink.on_client = [&](const turn::client_path& path, std::span<const std::byte> message) {
        CHECK(path.server == server);
        under_test.engine.send_reply(path, message);
    };
    client.send(server, bytes_of("hello"));
    REQUIRE(under_test.run_until([&] { return under_test.sink.from_clients == 1; }));
    const auto answer = client.receive();
    REQUIRE(answer.has_value());
    CHECK(answer->from == server);
    CHECK(answer->payload == bytes_of("hello"));
}

TEST_CASE("a batch serves every socket that has something, in order for each", "[io]") {
    engine_under_test under_test{address("127.0.0.1")};
    auto& engine = under_test.engine;
    const test::udp_socket client{address("127.0.0.1")};
    const test::udp_socket peer{address("127.0.0.1")};
    std::vector<turn::relay_handle> relays;
    for (int i = 0; i < 20; ++i) relays.push_back(under_test.open_relay(address("127.0.0.1")));
    constexpr std::size_t messages = 200;
    under_test.sink.on_client = [&](const turn::client_path&, std::span<const std::byte> message) {
        const auto number = std::to_integer<std::size_t>(message.front());
        engine.send_to_peer(
            {.from = relays[number % relays.size()], .peer = peer.local(), .payload = message});
    };
    for (std::size_t i = 0; i < messages; ++i) {
        client.send(under_test.listener, std::vector{static_cast<std::byte>(i), std::byte{0}});
    }
    REQUIRE(under_test.run_until([&] { return under_test.sink.from_clients == messages; }));
    // Everything waited before the engine first looked: few batches, and no loss.
    CHECK(under_test.sink.batches <= 3);
    std::vector<std::vector<std::size_t>> by_relay(relays.size());
    for (std::size_t i = 0; i < messages; ++i) {
        const auto datagram = peer.receive();
        REQUIRE(datagram.has_value());
        const auto number = std::to_integer<std::size_t>(datagram->payload.front());
        by_relay[number % relays.size()].push_back(number);
    }
    for (const auto& numbers : by_relay) {
        CHECK(numbers.size() == messages / relays.size());
        CHECK(std::ranges::is_sorted(numbers));
    }
    CHECK(engine.counters().of(io::datagram_event::received) == messages);
    CHECK(engine.counters().of(io::datagram_event::sent) == messages);
}

TEST_CASE("what the kernel refuses is counted, and the rest of the batch leaves", "[io]") {
    engine_under_test under_test{address("127.0.0.1")};
    auto& engine = under_test.engine;
    const test::udp_socket peer{address("127.0.0.1")};
    const auto relay = under_test.open_relay(address("127.0.0.1"));
    const std::vector<std::byte> too_big(65'535);
    const auto small = bytes_of("small");
    engine.send_to_peer({.from = relay, .peer = peer.local(), .payload = small});
    engine.send_to_peer({.from = relay, .peer = peer.local(), .payload = too_big});
    engine.send_to_peer({.from = relay, .peer = {address("127.0.0.1"), 0}, .payload = small});
    engine.send_to_peer({.from = relay, .peer = peer.local(), .payload = small, .dont_fragment = true});
    engine.flush();
    CHECK(peer.receive()->payload == small);
    CHECK(peer.receive()->payload == small);
    CHECK(engine.counters().of(io::datagram_event::sent) == 2);
    CHECK(engine.counters().of(io::datagram_event::too_big) == 1);
    CHECK(engine.counters().of(io::datagram_event::send_refused) == 1);
}

TEST_CASE("a closed port at the peer does no harm to the relay socket", "[io]") {
    engine_under_test under_test{address("127.0.0.1")};
    const auto relay = under_test.open_relay(address("127.0.0.1"));
    net::endpoint nobody;
    {
        const test::udp_socket gone{address("127.0.0.1")};
        nobody = gone.local();
    }
    const auto payload = bytes_of("anyone?");
    under_test.engine.send_to_peer({.from = relay, .peer = nobody, .payload = payload});
    under_test.engine.flush();
    const test::udp_socket peer{address("127.0.0.1")};
    peer.send(under_test.relay_endpoint, payload);
    CHECK(under_test.run_until([&] { return under_test.sink.from_peers == 1; }));
}

TEST_CASE("closing a relay port sends what waits, and its handle serves again", "[io]") {
    engine_under_test under_test{address("127.0.0.1")};
    auto& engine = under_test.engine;
    const test::udp_socket peer{address("127.0.0.1")};
    const auto relay = under_test.open_relay(address("127.0.0.1"));
    const auto payload = bytes_of("last words");
    peer.send(under_test.relay_endpoint, payload);
    peer.send(under_test.relay_endpoint, payload);
    under_test.sink.on_peer = [&](turn::relay_handle at, const net::endpoint& from, std::span<std::byte>) {
        engine.send_to_peer({.from = at, .peer = from, .payload = payload});
        engine.close_relay(at);
    };
    REQUIRE(under_test.run_until([&] { return under_test.sink.from_peers > 0; }));
    CHECK(under_test.sink.from_peers == 1);
    CHECK(peer.receive()->payload == payload);
    CHECK(engine.open_relay(under_test.relay_endpoint).value() == relay);
}

TEST_CASE("RFC 8656 14: DF is set on the datagrams that ask for it, and on no other", "[io]") {
    const test::ip_header_reader headers;
    if (!headers.is_open()) {
        WARN("skipped: reading IP headers needs CAP_NET_RAW");
        return;
    }
    engine_under_test under_test{address("127.0.0.1")};
    const test::udp_socket peer{address("127.0.0.1")};
    const auto relay = under_test.open_relay(address("127.0.0.1"));
    const auto payload = bytes_of("payload");
    for (const bool dont_fragment : {false, true, true, false}) {
        under_test.engine.send_to_peer(
            {.from = relay, .peer = peer.local(), .payload = payload, .dont_fragment = dont_fragment});
    }
    under_test.engine.flush();
    for (const bool dont_fragment : {false, true, true, false}) {
        CHECK(headers.next_dont_fragment(peer.local().port) == dont_fragment);
    }
}

TEST_CASE("RFC 8656 14: DSCP and ECN go along both ways, the TTL is the relay's own", "[io]") {
    const auto* const loopback = GENERATE("127.0.0.1", "::1");
    const auto* const listening = GENERATE("one address", "any address");
    const bool is_v4 = loopback[0] != ':';
    const char* const any = is_v4 ? "0.0.0.0" : "::";
    engine_under_test under_test{address(listening[0] == 'o' ? loopback : any)};
    const net::endpoint server{address(loopback), under_test.listener.port};
    auto& engine = under_test.engine;
    const test::udp_socket client{address(loopback)};
    const test::udp_socket peer{address(loopback)};
    const auto relay = under_test.open_relay(address(loopback));
    turn::client_path path;
    under_test.sink.on_client = [&](const turn::client_path& from, std::span<const std::byte> message) {
        path = from;
        engine.send_to_peer({.from = relay, .peer = peer.local(), .payload = message});
    };
    under_test.sink.on_peer = [&](turn::relay_handle, const net::endpoint&, std::span<std::byte> payload) {
        engine.send_to_client({.path = path, .header_storage = {}}, payload);
    };
    // Expedited forwarding with ECT(0), then nothing, then CE alone.
    for (const int traffic_class : {0xba, 0, 0x03}) {
        client.mark(traffic_class, 1);
        client.send(server, bytes_of("up"));
        REQUIRE(under_test.run_until([&] { return under_test.sink.from_clients > 0; }));
        const auto up = peer.receive();
        REQUIRE(up.has_value());
        CHECK(up->traffic_class == traffic_class);
        CHECK(up->hops > 1);

        peer.mark(traffic_class, 1);
        peer.send(under_test.relay_endpoint, bytes_of("down"));
        REQUIRE(under_test.run_until([&] { return under_test.sink.from_peers > 0; }));
        const auto down = client.receive();
        REQUIRE(down.has_value());
        CHECK(down->traffic_class == traffic_class);
        CHECK(down->hops > 1);
        under_test.sink.from_clients = under_test.sink.from_peers = 0;
    }
    // What does not answer a datagram is not marked by the last one.
    const auto payload = bytes_of("from a stream");
    engine.send_to_peer({.from = relay, .peer = peer.local(), .payload = payload});
    engine.flush();
    CHECK(peer.receive()->traffic_class == 0);
}

TEST_CASE("RFC 8656 11.5: what ICMP reports about a peer arrives, and costs no other datagram", "[io]") {
    const auto [loopback, type, code] = GENERATE(table<const char*, int, int>({
        {"127.0.0.1", 3, 3},
        {"::1", 1, 4},
    }));
    engine_under_test under_test{address(loopback)};
    auto& engine = under_test.engine;
    const test::udp_socket peer{address(loopback)};
    const auto relay = under_test.open_relay(address(loopback));
    net::endpoint nobody;
    {
        const test::udp_socket gone{address(loopback)};
        nobody = gone.local();
    }
    const auto payload = bytes_of("payload");
    constexpr std::size_t rounds = 50;
    for (std::size_t i = 0; i < rounds; ++i) {
        engine.send_to_peer({.from = relay, .peer = nobody, .payload = payload});
        engine.flush();
        engine.send_to_peer({.from = relay, .peer = peer.local(), .payload = payload});
        engine.flush();
        CHECK(peer.receive(200).has_value());
    }
    peer.send(under_test.relay_endpoint, payload);
    auto& sink = under_test.sink;
    CHECK(under_test.run_until([&] { return sink.from_peers == 1 && !sink.errors.empty(); }));
    CHECK(engine.counters().of(io::datagram_event::send_refused) == 0);
    REQUIRE_FALSE(sink.errors.empty());
    CHECK(sink.errors.front().at == relay);
    CHECK(sink.errors.front().peer == nobody);
    CHECK(sink.errors.front().error.type == type);
    CHECK(sink.errors.front().error.code == code);
}

TEST_CASE("a relay port that is closed with errors waiting does no harm", "[io]") {
    engine_under_test under_test{address("127.0.0.1")};
    const auto relay = under_test.open_relay(address("127.0.0.1"));
    net::endpoint nobody;
    {
        const test::udp_socket gone{address("127.0.0.1")};
        nobody = gone.local();
    }
    const auto payload = bytes_of("anyone?");
    under_test.engine.send_to_peer({.from = relay, .peer = nobody, .payload = payload});
    under_test.engine.flush();
    under_test.engine.close_relay(relay);
    under_test.context.run_for(std::chrono::milliseconds{20});
    CHECK(under_test.sink.errors.empty());
}
