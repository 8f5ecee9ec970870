#include "api/fleet/ice_urls.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::fleet;
using net::transport;
using texts = std::vector<std::string>;

namespace {

contract::listener_settings listener(transport over, std::uint16_t port) {
    return {.transport = over, .address = {.address = {}, .port = port}};
}

const region_entry one_node{
    .slug = "a", .country = {}, .city = {}, .name = {}, .location = {}, .nodes = {{.host = "a.example.net"}}};

}  // namespace

TEST_CASE("the URLs of a node come in the order in which clients should try them", "[fleet][urls]") {
    const auto urls =
        ice_urls_of({.host = "eu.example.net", .udp = 3478, .tcp = 3479, .tls = 443, .dtls = 3478});
    CHECK(urls.stun == texts{"stun:eu.example.net:3478"});
    CHECK(urls.turn ==
          texts{"turn:eu.example.net:3478?transport=udp", "turn:eu.example.net:3479?transport=tcp",
                "turns:eu.example.net:443?transport=tcp", "turns:eu.example.net:3478?transport=udp"});
}

TEST_CASE("what is not served has no URL", "[fleet][urls]") {
    CHECK(ice_urls_of({.host = "h", .tls = 5349}).turn == texts{"turns:h:5349?transport=tcp"});
    CHECK(ice_urls_of({.host = "h", .tls = 5349}).stun.empty());
    CHECK(ice_urls_of({.host = "h", .udp = 1}).turn == texts{"turn:h:1?transport=udp"});
    CHECK(ice_urls_of({.host = "h"}).turn.empty());
}

TEST_CASE("RFC 3986 3.2.2: an IPv6 address stands in brackets", "[fleet][urls]") {
    const auto urls = ice_urls_of({.host = "2001:db8::1", .udp = 3478});
    CHECK(urls.stun == texts{"stun:[2001:db8::1]:3478"});
    CHECK(urls.turn == texts{"turn:[2001:db8::1]:3478?transport=udp"});
}

TEST_CASE("this node is offered by its real listeners, 443 before other TLS ports", "[fleet][urls]") {
    const std::vector listeners{listener(transport::tcp, 40'001), listener(transport::tls, 5349),
                                listener(transport::tls, 443),    listener(transport::tls, 8443),
                                listener(transport::udp, 40'002), listener(transport::udp, 40'003),
                                listener(transport::dtls, 5350)};
    CHECK(own_node("turn.example.net", one_node, listeners) ==
          node_entry{.host = "turn.example.net", .udp = 40'002, .tcp = 40'001, .tls = 443, .dtls = 5350});
    CHECK(own_node("", one_node, {}) == node_entry{.host = "a.example.net"});
}

TEST_CASE("a host that is an address leads to the listeners of its family only", "[fleet][urls]") {
    const std::vector<contract::listener_settings> listeners{
        {.transport = transport::udp, .address = net::endpoint::parse("[::]:1001").value()},
        {.transport = transport::udp, .address = net::endpoint::parse("0.0.0.0:1002").value()},
        {.transport = transport::tcp, .address = net::endpoint::parse("[::1]:1003").value()}};
    CHECK(own_node("192.0.2.1", one_node, listeners) == node_entry{.host = "192.0.2.1", .udp = 1002});
    CHECK(own_node("2001:db8::1", one_node, listeners) ==
          node_entry{.host = "2001:db8::1", .udp = 1001, .tcp = 1003});
}

TEST_CASE("a node of several without a public host does not start", "[fleet][urls]") {
    auto two_nodes = one_node;
    two_nodes.nodes.push_back({.host = "b.example.net"});
    CHECK_THROWS_WITH(own_node("", two_nodes, {}), Catch::Contains("node.public_host"));
    CHECK(own_node("b", two_nodes, {}).host == "b");
}
