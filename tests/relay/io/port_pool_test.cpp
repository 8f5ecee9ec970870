#include "relay/io/port_pool.hpp"

#include "relay/io/epoll_engine.hpp"
#include "tests/relay/io/udp_socket.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <vector>

using namespace turnix;

namespace {

net::address address(const char* text) { return net::address::parse(text).value(); }

/// A pool on addresses that no other test binds ports on.
struct pool_under_test {
    pool_under_test(std::vector<contract::relay_address_settings> addresses, contract::port_range range)
        : node{addresses, {}}, pool{engine, node, std::move(addresses), range} {}

    result<turn::relay_port, turn::port_error> open(const char* server = "192.0.2.1",
                                                    net::family family = net::family::ipv4) {
        return pool.open({.family = family, .server = address(server)});
    }

    turn::relay_port granted(const char* server = "192.0.2.1") {
        const auto opened = open(server);
        REQUIRE(opened.has_value());
        return *opened;
    }

    boost::asio::io_context context{1};
    io::epoll_engine engine{context, {}};
    turn::node_ports node;
    io::port_pool pool;
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

TEST_CASE("ports are drawn at random", "[io][ports]") {
    pool_under_test under_test{{relay_on("127.20.0.4")}, {}};
    std::vector<std::uint16_t> ports;
    for (int i = 0; i < 64; ++i) ports.push_back(under_test.granted().local.port);
    const auto [lowest, highest] = std::ranges::minmax(ports);
    CHECK(highest - lowest > 8'000);
    CHECK_FALSE(std::ranges::is_sorted(ports));
    CHECK(std::ranges::all_of(ports, [](std::uint16_t port) { return port >= 49'152; }));
}

TEST_CASE("the relay address is the one that the client spoke to, when it is one", "[io][ports]") {
    pool_under_test under_test{{relay_on("127.20.0.5"), relay_on("127.20.0.6"), relay_on("::1")},
                               {.first = 20'000, .last = 20'000}};
    CHECK(under_test.granted("127.20.0.6").local.address == address("127.20.0.6"));
    // Its only port is taken: another address of the family serves.
    CHECK(under_test.granted("127.20.0.6").local.address == address("127.20.0.5"));
    CHECK(under_test.open("127.20.0.6").error() == turn::port_error::insufficient);
}

TEST_CASE("the client is told the external address and the family is kept to", "[io][ports]") {
    pool_under_test under_test{{{.local = address("127.20.0.7"), .external = address("203.0.113.7")}}, {}};
    const auto opened = under_test.granted();
    CHECK(opened.local.address == address("127.20.0.7"));
    CHECK(opened.advertised == net::endpoint{address("203.0.113.7"), opened.local.port});
    CHECK(under_test.open("::1", net::family::ipv6).error() == turn::port_error::family_not_served);
}
