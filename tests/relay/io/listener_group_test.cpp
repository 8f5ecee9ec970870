#include "relay/io/listener_group.hpp"

#include "relay/io/socket.hpp"
#include "tests/relay/io/udp_socket.hpp"

#include <catch2/catch.hpp>

using namespace turnix;

TEST_CASE("the sockets of a listener share one port that the kernel chose", "[io]") {
    const auto transport = GENERATE(net::transport::udp, net::transport::tcp);
    const auto* const at = GENERATE("127.0.0.1:0", "[::1]:0", "0.0.0.0:0", "[::]:0");
    const auto group = io::open_listener_group({transport, net::endpoint::parse(at).value()}, 3);
    CHECK(group.sockets.size() == 3);
    CHECK(group.bound.address.port != 0);
    for (const auto& socket : group.sockets) CHECK(io::bound_endpoint(socket) == group.bound.address);
}

TEST_CASE("a second group on a port ends with its address and the remedy", "[io]") {
    const auto transport = GENERATE(net::transport::udp, net::transport::tcp);
    const auto first = io::open_listener_group({transport, net::endpoint::parse("127.0.0.1:0").value()}, 2);
    const auto address = first.bound.address.to_string();
    CHECK_THROWS_WITH(io::open_listener_group(first.bound, 2),
                      Catch::Contains(address) && Catch::Contains("in use") && Catch::Contains("ss -lnp"));
    auto on_all = first.bound;
    on_all.address.address = net::address::unspecified(net::family::ipv4);
    CHECK_THROWS_WITH(io::open_listener_group(on_all, 1), Catch::Contains("in use"));
}

TEST_CASE("an address of another host is refused by name", "[io]") {
    const auto transport = GENERATE(net::transport::udp, net::transport::tcp);
    const contract::listener_settings elsewhere{transport, net::endpoint::parse("192.0.2.1:3478").value()};
    CHECK_THROWS_WITH(io::open_listener_group(elsewhere, 1),
                      Catch::Contains("192.0.2.1:3478") && Catch::Contains("not one of this host"));
}

TEST_CASE("IPv4 and IPv6 listen on all addresses of one port side by side", "[io]") {
    const auto v4 = io::open_listener_group({net::transport::udp, {}}, 1);
    net::endpoint v6{net::address::unspecified(net::family::ipv6), v4.bound.address.port};
    CHECK(io::open_listener_group({net::transport::udp, v6}, 1).bound.address == v6);
}

TEST_CASE("the group shares what arrives, and each datagram once", "[io]") {
    const auto group = io::open_listener_group({net::transport::udp, {}}, 2);
    const net::endpoint to{net::address{net::address::v4_bytes{127, 0, 0, 1}}, group.bound.address.port};
    constexpr int clients = 64;
    for (int i = 0; i < clients; ++i) {
        const test::udp_socket client{to.address};
        client.send(to, std::vector<std::byte>(8));
    }
    std::array<int, 2> received{};
    for (std::size_t i = 0; i < received.size(); ++i) {
        std::array<std::byte, 16> buffer{};
        while (::recv(group.sockets[i].get(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) ++received[i];
    }
    CHECK(received[0] + received[1] == clients);
    CHECK(received[0] > 0);
    CHECK(received[1] > 0);
}
