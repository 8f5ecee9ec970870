#include "relay/io/port_pool.hpp"

#include "relay/io/engine_factory.hpp"
#include "tests/relay/io/engines.hpp"
#include "tests/relay/io/udp_socket.hpp"
#include "tests/scale.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace turnix;

namespace {

net::address address(const char* text) { return net::address::parse(text).value(); }

template <class Port>
Port granted(result<Port, turn::port_error> opened) {
    REQUIRE(opened.has_value());
    return std::move(*opened);
}

struct recording_peer_sink : io::peer_port_sink {
    void on_peer_accepted(turn::relay_handle /*at*/, const net::endpoint& peer,
                          std::unique_ptr<io::peer_socket> /*connection*/) noexcept override {
        accepted.push_back(peer);
    }
    void on_peer_connected(turn::relay_handle /*from*/, const net::endpoint& /*peer*/,
                           std::unique_ptr<io::peer_socket> /*connection*/) noexcept override {}

    std::vector<net::endpoint> accepted;
};

std::vector<net::address> local_addresses(const std::vector<contract::relay_address_settings>& addresses) {
    std::vector<net::address> local;
    for (const auto& each : addresses) local.push_back(each.local);
    return local;
}

/// A pool on addresses that no other test binds ports on; the test runs once for each engine.
struct pool_under_test {
    pool_under_test(std::vector<contract::relay_address_settings> addresses, contract::port_range range)
        : name{GENERATE(from_range(test::served_engines()))},
          engines{
              {.name = name, .relay_addresses = local_addresses(addresses), .ports = range, .workers = 2}},
          node{addresses, {}},
          pool{engine, tcp, node, std::move(addresses), range} {}

    result<turn::relay_port, turn::port_error> open(const char* server = "192.0.2.1",
                                                    net::family family = net::family::ipv4) {
        return pool.open({.family = family, .server = address(server)});
    }

    result<turn::relay_port, turn::port_error> even() {
        return pool.open({.family = net::family::ipv4, .server = address("192.0.2.1"), .even = true});
    }
    result<turn::port_pair, turn::port_error> pair() {
        return pool.open_pair({.family = net::family::ipv4, .server = address("192.0.2.1")});
    }

    turn::relay_port granted(const char* server = "192.0.2.1") { return ::granted(open(server)); }

    std::string name;
    io::engine_factory engines;
    boost::asio::io_context context{1};
    std::unique_ptr<io::datagram_engine> engine_made{engines.make(context, {})};
    io::datagram_engine& engine{*engine_made};
    recording_peer_sink peers;
    io::tcp_relay tcp{context, peers};
    turn::node_ports node;
    io::port_pool pool;
};

struct counting_sink : io::datagram_sink {
    void on_batch() noexcept override {}
    void on_client_datagram(const turn::client_path& /*path*/,
                            std::span<std::byte> /*message*/) noexcept override {}
    void on_peer_datagram(turn::relay_handle /*at*/, const net::endpoint& /*peer*/,
                          std::span<const std::byte> /*payload*/) noexcept override {
        ++from_peers;
    }
    void on_peer_error(turn::relay_handle /*at*/, const net::endpoint& /*peer*/,
                       const stun::icmp_error& /*error*/) noexcept override {}
    void on_batch_end() noexcept override {}

    int from_peers{0};
};

contract::relay_address_settings relay_on(const char* local) {
    return {.local = address(local), .external = std::nullopt};
}

}  // namespace

TEST_CASE("no port is given twice, and a range that is used up is insufficient", "[io][ports]") {
    pool_under_test under_test{{relay_on("127.20.0.1")}, {.first = 20'000, .last = 20'063}};
    std::set<std::uint16_t> ports;
    for (int i = 0; i < 64; ++i) ports.insert(under_test.granted().local.port);
    CHECK(ports.size() == 64);
    CHECK(*ports.begin() == 20'000);
    CHECK(*ports.rbegin() == 20'063);
    CHECK(under_test.open().error() == turn::port_error::insufficient);
}

TEST_CASE("after a thousand rounds every port is free again", "[io][ports]") {
    pool_under_test under_test{{relay_on("127.20.0.2")}, {.first = 20'000, .last = 20'003}};
    for (int round = 0; round < 1'000; ++round) {
        const auto opened = under_test.granted();
        CHECK(under_test.node.local_of(opened.local) == opened.local);
        under_test.pool.close(opened.handle);
        under_test.engine.flush();
        CHECK_FALSE(under_test.node.local_of(opened.local).has_value());
    }
    for (int i = 0; i < 4; ++i) CHECK(under_test.open().has_value());
}

TEST_CASE("ports that other programs hold are passed over", "[io][ports]") {
    const auto held = io::open_relay_socket({address("127.20.0.3"), 20'001}).value();
    pool_under_test under_test{{relay_on("127.20.0.3")}, {.first = 20'000, .last = 20'002}};
    std::set<std::uint16_t> ports;
    for (int i = 0; i < 2; ++i) ports.insert(under_test.granted().local.port);
    CHECK(ports == std::set<std::uint16_t>{20'000, 20'002});
    CHECK(under_test.open().error() == turn::port_error::insufficient);
}

TEST_CASE("RFC 8656 7.2: ports are drawn at random", "[io][ports]") {
    pool_under_test under_test{{relay_on("127.20.0.4")}, {}};
    std::vector<std::uint16_t> ports;
    for (int i = 0; i < 64; ++i) ports.push_back(under_test.granted().local.port);
    const auto [lowest, highest] = std::ranges::minmax(ports);
    CHECK(highest - lowest > 8'000);
    CHECK_FALSE(std::ranges::is_sorted(ports));
    CHECK(std::ranges::all_of(ports, [](std::uint16_t port) { return port >= 49'152; }));
}

TEST_CASE("RFC 8656 7.2: ports fill their range evenly, and none tells of the next", "[io][ports]") {
    pool_under_test under_test{{relay_on("127.20.0.30")}, {.first = 20'000, .last = 24'095}};
    constexpr std::size_t parts = 16;
    constexpr int rounds = 4'096;
    std::array<int, parts> drawn{};
    std::array<int, parts> steps{};
    std::size_t before = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto opened = under_test.granted();
        const std::size_t place = (opened.local.port - 20'000U) / (4'096 / parts);
        ++drawn[place];
        ++steps[(place + parts - before) % parts];
        before = place;
        under_test.pool.close(opened.handle);
        under_test.engine.flush();
    }
    // 256 on the average; chance alone goes beyond six standard deviations of 15.5 once in 10^7 runs.
    const auto is_even = [](int count) { return count > 160 && count < 352; };
    CHECK(std::ranges::all_of(drawn, is_even));
    CHECK(std::ranges::all_of(steps, is_even));
    const auto [fewest, most] = std::ranges::minmax(drawn);
    tests::tell_figure("security-randomness",
                       fmt::format("{}: {} ports drawn out of 4,096: {} to {} in each sixteenth of the range",
                                   under_test.name, rounds, fewest, most));
}

TEST_CASE("the relay address is the one that the client spoke to, when it is one", "[io][ports]") {
    pool_under_test under_test{{relay_on("127.20.0.5"), relay_on("127.20.0.6"), relay_on("::1")},
                               {.first = 20'000, .last = 20'000}};
    CHECK(under_test.granted("127.20.0.6").local.address == address("127.20.0.6"));
    // Its only port is taken: another address of the family serves.
    CHECK(under_test.granted("127.20.0.6").local.address == address("127.20.0.5"));
    CHECK(under_test.open("127.20.0.6").error() == turn::port_error::insufficient);
}

TEST_CASE("RFC 8656 7.2 step 7: the client is told the external address and the family is kept to",
          "[io][ports]") {
    pool_under_test under_test{{{.local = address("127.20.0.7"), .external = address("203.0.113.7")}}, {}};
    const auto opened = under_test.granted();
    CHECK(opened.local.address == address("127.20.0.7"));
    CHECK(opened.advertised == net::endpoint{address("203.0.113.7"), opened.local.port});
    CHECK(under_test.open("::1", net::family::ipv6).error() == turn::port_error::family_not_served);
}

TEST_CASE("RFC 8656 7.2 step 8: an even port is even, and a range without one that is free is insufficient",
          "[io][ports]") {
    pool_under_test under_test{{relay_on("127.20.0.8")}, {.first = 20'001, .last = 20'006}};
    std::set<std::uint16_t> ports;
    for (int i = 0; i < 3; ++i) ports.insert(granted(under_test.even()).local.port);
    CHECK(ports == std::set<std::uint16_t>{20'002, 20'004, 20'006});
    CHECK(under_test.even().error() == turn::port_error::insufficient);
    CHECK(under_test.open().has_value());
}

TEST_CASE("RFC 8656 7.2 step 8: a pair lies within the range, and only where both ports are free",
          "[io][ports]") {
    const auto held = io::open_relay_socket({address("127.20.0.9"), 20'003}).value();
    pool_under_test under_test{{relay_on("127.20.0.9")}, {.first = 20'001, .last = 20'006}};
    const auto pair = granted(under_test.pair());
    CHECK(pair.even.local.port == 20'004);
    CHECK(under_test.pair().error() == turn::port_error::insufficient);
    // What the failing pairs tried is free again.
    CHECK(granted(under_test.even()).local.port % 2 == 0);
    CHECK(granted(under_test.even()).local.port % 2 == 0);
}

TEST_CASE(
    "RFC 8656 7.2 step 8: a reserved port is nobody else's until another worker takes it up, and serves "
    "there",
    "[io][ports]") {
    pool_under_test under_test{{relay_on("127.20.0.10")}, {.first = 20'000, .last = 20'001}};
    boost::asio::io_context other_context{1};
    const auto other_engine = under_test.engines.make(other_context, {});
    io::port_pool other{
        *other_engine, under_test.tcp, under_test.node, {relay_on("127.20.0.10")}, {20'000, 20'001}};
    auto pair = granted(under_test.pair());
    const net::endpoint reserved{address("127.20.0.10"), 20'001};
    CHECK_FALSE(under_test.node.local_of(reserved).has_value());
    CHECK(io::open_relay_socket(reserved).error() == io::bind_error::in_use);
    CHECK(under_test.open().error() == turn::port_error::insufficient);

    const auto taken_up = granted(other.open_reserved(std::move(pair.next)));
    CHECK(taken_up.local == reserved);
    CHECK(under_test.node.local_of(reserved) == reserved);
    const test::udp_socket peer{address("127.0.0.1")};
    const std::vector payload(10, std::byte{7});
    other_engine->send_to_peer({.from = taken_up.handle, .peer = peer.local(), .payload = payload});
    other_engine->flush();
    CHECK(peer.receive()->from == reserved);
    other.close(taken_up.handle);
    CHECK(io::open_relay_socket(reserved).has_value());
}

TEST_CASE("a port that moves to another worker stays a relay port, and loses nothing on the way",
          "[io][ports]") {
    pool_under_test under_test{{relay_on("127.20.0.12")}, {.first = 20'000, .last = 20'000}};
    const auto other_engine = under_test.engines.make(under_test.context, {});
    io::port_pool other{*other_engine, under_test.tcp, under_test.node, {relay_on("127.20.0.12")}, {}};
    const auto port = under_test.granted();
    auto moving = under_test.pool.release(port.handle);
    CHECK(under_test.node.local_of(port.local) == port.local);
    CHECK(under_test.open().error() == turn::port_error::insufficient);

    SECTION("taken up") {
        const test::udp_socket peer{address("127.0.0.1")};
        peer.send(port.local, std::vector(10, std::byte{7}));
        counting_sink sink;
        other_engine->start(sink);
        const auto taken_up = granted(other.open_reserved(std::move(moving)));
        CHECK(taken_up.local == port.local);
        CHECK(taken_up.advertised == port.advertised);
        CHECK(under_test.node.local_of(port.local) == port.local);
        under_test.context.run_one_for(std::chrono::seconds{2});
        CHECK(sink.from_peers == 1);
        other.close(taken_up.handle);
    }
    SECTION("let go") { moving.reset(); }
    CHECK_FALSE(under_test.node.local_of(port.local).has_value());
    CHECK(io::open_relay_socket(port.local).has_value());
}

TEST_CASE("after two thousand pairs, taken up or let go, every port is free again", "[io][ports]") {
    pool_under_test under_test{{relay_on("127.20.0.11")}, {.first = 20'000, .last = 20'003}};
    for (int round = 0; round < 2'000; ++round) {
        auto pair = granted(under_test.pair());
        if (round % 2 == 0)
            under_test.pool.close(under_test.pool.open_reserved(std::move(pair.next))->handle);
        under_test.pool.close(pair.even.handle);
        under_test.engine.flush();
    }
    for (int i = 0; i < 4; ++i) CHECK(under_test.open().has_value());
}

TEST_CASE("a number is one relay port, for datagrams or for TCP", "[io][ports]") {
    pool_under_test under_test{{relay_on("127.20.0.20")}, {.first = 20'000, .last = 20'015}};
    std::set<std::uint16_t> ports;
    for (int i = 0; i < 16; ++i) {
        const auto opened = under_test.pool.open(
            {.family = net::family::ipv4, .server = address("192.0.2.1"), .tcp = i % 2 == 0});
        ports.insert(granted(opened).local.port);
    }
    CHECK(ports.size() == 16);
    CHECK(under_test.open().error() == turn::port_error::insufficient);
}

TEST_CASE("a TCP port that another program holds is passed over", "[io][ports]") {
    const auto held = io::open_peer_listener({address("127.20.0.21"), 20'001}).value();
    pool_under_test under_test{{relay_on("127.20.0.21")}, {.first = 20'000, .last = 20'001}};
    const turn::port_request tcp{.family = net::family::ipv4, .server = address("192.0.2.1"), .tcp = true};
    CHECK(granted(under_test.pool.open(tcp)).local.port == 20'000);
    CHECK(under_test.pool.open(tcp).error() == turn::port_error::insufficient);
    CHECK(under_test.granted().local.port == 20'001);
}
