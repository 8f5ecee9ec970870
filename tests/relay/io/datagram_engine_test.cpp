#include "relay/io/datagram_engine.hpp"

#include "tests/relay/io/engine_under_test.hpp"
#include "tests/relay/io/engines.hpp"
#include "tests/relay/io/ip_header.hpp"
#include "tests/relay/io/network_namespace.hpp"
#include "tests/relay/io/udp_socket.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace turnix;
using test::address;
using test::bytes_of;
using test::engine_under_test;

TEST_CASE("what a client sends leaves from the relay port, and the peer's answer comes back framed", "[io]") {
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    const auto* const loopback = GENERATE("127.0.0.1", "::1");
    const std::size_t payload_bytes = GENERATE(0U, 1U, 1200U, 65'000U);
    engine_under_test under_test{name, address(loopback)};
    auto& sink = under_test.sink;
    auto& engine = *under_test.engine;
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

    sink.on_peer = [&](turn::relay_handle at, const net::endpoint& from,
                       std::span<const std::byte> received) {
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
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    const auto [wildcard, asked] = GENERATE(table<const char*, const char*>({
        {"0.0.0.0", "127.0.0.1"},
        {"0.0.0.0", "127.1.2.3"},
        {"::", "::1"},
    }));
    engine_under_test under_test{name, address(wildcard)};
    const test::udp_socket client{address(asked[0] == ':' ? "::1" : "127.0.0.1")};
    const net::endpoint server{address(asked), under_test.listener.port};
    under_test.sink.on_client = [&](const turn::client_path& path, std::span<const std::byte> message) {
        CHECK(path.server == server);
        under_test.engine->send_reply(path, message);
    };
    client.send(server, bytes_of("hello"));
    REQUIRE(under_test.run_until([&] { return under_test.sink.from_clients == 1; }));
    const auto answer = client.receive();
    REQUIRE(answer.has_value());
    CHECK(answer->from == server);
    CHECK(answer->payload == bytes_of("hello"));
}

TEST_CASE("a batch serves every socket that has something, in order for each", "[io]") {
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    engine_under_test under_test{name, address("127.0.0.1")};
    auto& engine = *under_test.engine;
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
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    engine_under_test under_test{name, address("127.0.0.1")};
    auto& engine = *under_test.engine;
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
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    engine_under_test under_test{name, address("127.0.0.1")};
    const auto relay = under_test.open_relay(address("127.0.0.1"));
    net::endpoint nobody;
    {
        const test::udp_socket gone{address("127.0.0.1")};
        nobody = gone.local();
    }
    const auto payload = bytes_of("anyone?");
    under_test.engine->send_to_peer({.from = relay, .peer = nobody, .payload = payload});
    under_test.engine->flush();
    const test::udp_socket peer{address("127.0.0.1")};
    peer.send(under_test.relay_endpoint, payload);
    CHECK(under_test.run_until([&] { return under_test.sink.from_peers == 1; }));
}

TEST_CASE("closing a relay port sends what waits, and its handle serves again", "[io]") {
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    engine_under_test under_test{name, address("127.0.0.1")};
    auto& engine = *under_test.engine;
    const test::udp_socket peer{address("127.0.0.1")};
    const auto relay = under_test.open_relay(address("127.0.0.1"));
    const auto payload = bytes_of("last words");
    peer.send(under_test.relay_endpoint, payload);
    peer.send(under_test.relay_endpoint, payload);
    under_test.sink.on_peer = [&](turn::relay_handle at, const net::endpoint& from,
                                  std::span<const std::byte>) {
        engine.send_to_peer({.from = at, .peer = from, .payload = payload});
        engine.close_relay(at);
    };
    REQUIRE(under_test.run_until([&] { return under_test.sink.from_peers > 0; }));
    CHECK(under_test.sink.from_peers == 1);
    CHECK(peer.receive()->payload == payload);
    CHECK(engine.open_relay(under_test.relay_endpoint).value() == relay);
}

TEST_CASE("RFC 8656 14: DF is set on the datagrams that ask for it, and on no other", "[io]") {
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    const test::ip_header_reader headers;
    if (!headers.is_open()) {
        WARN("skipped: reading IP headers needs CAP_NET_RAW");
        return;
    }
    engine_under_test under_test{name, address("127.0.0.1")};
    const test::udp_socket peer{address("127.0.0.1")};
    const auto relay = under_test.open_relay(address("127.0.0.1"));
    // Each longer than the one before: none leaves joined to another.
    const std::vector<std::byte> payload(4);
    std::size_t bytes = 0;
    for (const bool dont_fragment : {false, true, true, false}) {
        under_test.engine->send_to_peer({.from = relay,
                                         .peer = peer.local(),
                                         .payload = std::span{payload}.first(++bytes),
                                         .dont_fragment = dont_fragment});
    }
    under_test.engine->flush();
    for (const bool dont_fragment : {false, true, true, false}) {
        CHECK(headers.next_dont_fragment(peer.local().port) == dont_fragment);
    }
}

TEST_CASE("RFC 8656 14: DSCP and ECN go along both ways, the TTL is the relay's own", "[io]") {
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    const auto* const loopback = GENERATE("127.0.0.1", "::1");
    const auto* const listening = GENERATE("one address", "any address");
    const bool is_v4 = loopback[0] != ':';
    const char* const any = is_v4 ? "0.0.0.0" : "::";
    engine_under_test under_test{name, address(listening[0] == 'o' ? loopback : any)};
    const net::endpoint server{address(loopback), under_test.listener.port};
    auto& engine = *under_test.engine;
    const test::udp_socket client{address(loopback)};
    const test::udp_socket peer{address(loopback)};
    const auto relay = under_test.open_relay(address(loopback));
    turn::client_path path;
    under_test.sink.on_client = [&](const turn::client_path& from, std::span<const std::byte> message) {
        path = from;
        engine.send_to_peer({.from = relay, .peer = peer.local(), .payload = message});
    };
    under_test.sink.on_peer = [&](turn::relay_handle, const net::endpoint&,
                                  std::span<const std::byte> payload) {
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
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    const auto [loopback, type, code] = GENERATE(table<const char*, int, int>({
        {"127.0.0.1", 3, 3},
        {"::1", 1, 4},
    }));
    engine_under_test under_test{name, address(loopback)};
    auto& engine = *under_test.engine;
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
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    engine_under_test under_test{name, address("127.0.0.1")};
    const auto relay = under_test.open_relay(address("127.0.0.1"));
    net::endpoint nobody;
    {
        const test::udp_socket gone{address("127.0.0.1")};
        nobody = gone.local();
    }
    const auto payload = bytes_of("anyone?");
    under_test.engine->send_to_peer({.from = relay, .peer = nobody, .payload = payload});
    under_test.engine->flush();
    under_test.engine->close_relay(relay);
    under_test.context.run_for(std::chrono::milliseconds{20});
    CHECK(under_test.sink.errors.empty());
}

TEST_CASE("RFC 8656 14: what the link does not take whole is fragmented, or with DF dropped and told",
          "[io]") {
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    const auto [loopback, type, code] = GENERATE(table<const char*, int, int>({
        {"127.0.0.1", 3, 4},
        {"::1", 2, 0},
    }));
    const test::network_namespace own{1'500};
    if (!own.is_entered()) {
        WARN("skipped: a network namespace needs CAP_SYS_ADMIN");
        return;
    }
    engine_under_test under_test{name, address(loopback)};
    auto& engine = *under_test.engine;
    auto& sink = under_test.sink;
    const test::udp_socket peer{address(loopback)};
    const auto relay = under_test.open_relay(address(loopback));
    const std::vector<std::byte> payload(4'000, std::byte{0x5a});
    engine.send_to_peer({.from = relay, .peer = peer.local(), .payload = payload});
    engine.flush();
    const auto whole = peer.receive();
    REQUIRE(whole.has_value());
    CHECK(whole->from == under_test.relay_endpoint);
    CHECK(whole->payload == payload);

    const test::udp_socket other{address(loopback)};
    for (const auto* const to : {&peer, &other, &peer}) {
        engine.send_to_peer({.from = relay, .peer = to->local(), .payload = payload, .dont_fragment = true});
    }
    engine.flush();
    REQUIRE(under_test.run_until([&] { return sink.errors.size() == 3; }));
    CHECK_FALSE(peer.receive(0).has_value());
    CHECK_FALSE(other.receive(0).has_value());
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(sink.errors[i].at == relay);
        CHECK(sink.errors[i].peer == (i == 1 ? other : peer).local());
        CHECK(sink.errors[i].error.type == type);
        CHECK(sink.errors[i].error.code == code);
        CHECK(sink.errors[i].error.data == 1'500);
    }
    CHECK(engine.counters().of(io::datagram_event::too_big) == 3);
}

TEST_CASE("what one relay port sends to another of the node arrives there, on whichever worker", "[io]") {
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    const auto* const loopback = GENERATE("127.0.0.1", "::1");
    const bool same_worker = GENERATE(true, false);
    const auto engines = std::make_shared<io::engine_factory>(
        io::engine_options{.name = name, .relay_addresses = {address(loopback)}, .ports = {}, .workers = 2});
    engine_under_test first{engines, address(loopback)};
    engine_under_test second{engines, address(loopback)};
    engine_under_test& receiver = same_worker ? first : second;
    const auto from = first.open_relay(address(loopback));
    const auto from_endpoint = first.relay_endpoint;
    const auto to = receiver.open_relay(address(loopback));
    std::vector<std::byte> received;
    receiver.sink.on_peer = [&](turn::relay_handle at, const net::endpoint& peer,
                                std::span<const std::byte> bytes) {
        CHECK(at == to);
        CHECK(peer == from_endpoint);
        received.assign(bytes.begin(), bytes.end());
    };
    const auto payload = bytes_of("hairpin");
    first.engine->send_to_peer({.from = from, .peer = receiver.relay_endpoint, .payload = payload});
    first.engine->flush();
    REQUIRE(receiver.run_until([&] { return receiver.sink.from_peers == 1; }));
    CHECK(received == payload);
}

TEST_CASE("a port is one engine's or another program's, never both", "[io]") {
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    engine_under_test first{name, address("127.0.0.1")};
    engine_under_test second{name, address("127.0.0.1")};
    const test::udp_socket program{address("127.0.0.1")};
    CHECK(first.engine->open_relay(program.local()).error() == io::bind_error::in_use);
    const auto relay = first.open_relay(address("127.0.0.1"));
    CHECK(first.engine->open_relay(first.relay_endpoint).error() == io::bind_error::in_use);
    CHECK(second.engine->open_relay(first.relay_endpoint).error() == io::bind_error::in_use);
    CHECK(io::open_relay_socket(first.relay_endpoint).error() == io::bind_error::in_use);
    CHECK(first.engine->open_relay({address("192.0.2.1"), 50'000}).error() == io::bind_error::not_local);
    first.engine->close_relay(relay);
    first.engine->flush();
    const auto moved = second.engine->open_relay(first.relay_endpoint);
    REQUIRE(moved.has_value());
    const test::udp_socket peer{address("127.0.0.1")};
    peer.send(first.relay_endpoint, bytes_of("payload"));
    CHECK(second.run_until([&] { return second.sink.from_peers == 1; }));
    peer.send(program.local(), bytes_of("payload"));
    CHECK(program.receive().has_value());
}

TEST_CASE("a burst that comes joined is shown apart, and leaves joined where it may", "[io][joined]") {
    const std::string name = GENERATE(from_range(test::served_engines()));
    INFO(name);
    const auto* const loopback = GENERATE("127.0.0.1", "::1");
    engine_under_test under_test{name, address(loopback)};
    auto& engine = *under_test.engine;
    auto& sink = under_test.sink;
    const test::udp_socket client{address(loopback)};
    const test::udp_socket peer{address(loopback)};
    const auto relay = under_test.open_relay(address(loopback));
    turn::client_path path;
    sink.on_client = [&](const turn::client_path& from, std::span<const std::byte> message) {
        path = from;
        engine.send_to_peer({.from = relay, .peer = peer.local(), .payload = message});
    };
    sink.on_peer = [&](turn::relay_handle, const net::endpoint&, std::span<const std::byte> payload) {
        turn::to_client how{.path = path, .header_storage = {}, .header_bytes = 4};
        how.header_storage.fill(std::byte{0x40});
        engine.send_to_client(how, payload);
    };
    constexpr std::uint16_t segment_bytes = 1'000;
    std::vector<std::byte> burst(7 * segment_bytes + 300);
    for (std::size_t i = 0; i < burst.size(); ++i) burst[i] = static_cast<std::byte>(i / segment_bytes + 1);

    SECTION("to receivers that take each by itself") {
        client.send_joined(under_test.listener, burst, segment_bytes);
        REQUIRE(under_test.run_until([&] { return sink.from_clients == 8; }));
        peer.send_joined(under_test.relay_endpoint, burst, segment_bytes);
        REQUIRE(under_test.run_until([&] { return sink.from_peers == 8; }));
        for (std::size_t i = 0; i < 8; ++i) {
            const std::size_t bytes = i < 7 ? segment_bytes : 300;
            const std::vector payload(bytes, static_cast<std::byte>(i + 1));
            CHECK(peer.receive()->payload == payload);
            auto framed = bytes_of("@@@@");
            framed.insert(framed.end(), payload.begin(), payload.end());
            CHECK(client.receive()->payload == framed);
        }
        CHECK(engine.counters().of(io::datagram_event::received) == 16);
        CHECK(engine.counters().of(io::datagram_event::sent) == 16);
    }
    SECTION("to receivers that take them joined") {
        peer.receive_joined();
        client.receive_joined();
        client.send_joined(under_test.listener, burst, segment_bytes);
        REQUIRE(under_test.run_until([&] { return sink.from_clients == 8; }));
        CHECK(peer.receive()->payload == burst);
        peer.send_joined(under_test.relay_endpoint, burst, segment_bytes);
        REQUIRE(under_test.run_until([&] { return sink.from_peers == 8; }));
        CHECK(client.receive()->payload.size() == burst.size() + 8 * 4);
    }
    SECTION("among others, in their order") {
        const auto alone = bytes_of("alone");
        client.send(under_test.listener, alone);
        client.send_joined(under_test.listener, burst, segment_bytes);
        client.send(under_test.listener, alone);
        REQUIRE(under_test.run_until([&] { return sink.from_clients == 10; }));
        CHECK(peer.receive()->payload == alone);
        for (std::size_t i = 0; i < 8; ++i) {
            CHECK(peer.receive()->payload.front() == static_cast<std::byte>(i + 1));
        }
        CHECK(peer.receive()->payload == alone);
    }
}
