#include "api/http/forwarded.hpp"

#include <catch2/catch.hpp>

#include <vector>

using turnix::http::client_address;
namespace net = turnix::net;

TEST_CASE("X-Forwarded-For is believed from trusted proxies only, read from its end", "[http][forwarded]") {
    const std::vector trusted{net::cidr::parse("10.0.0.0/8").value(), net::cidr::parse("fd00::/8").value()};
    const auto [peer, list, client] = GENERATE(table<const char*, const char*, const char*>({
        {"203.0.113.9", "", "203.0.113.9"},
        {"203.0.113.9", "198.51.100.1", "203.0.113.9"},  // not a proxy of ours
        {"10.0.0.1", "", "10.0.0.1"},
        {"10.0.0.1", "198.51.100.1", "198.51.100.1"},
        {"10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"},  // the client's own claim
        {"10.0.0.1", "198.51.100.1,10.0.0.2 ,\t10.0.0.3", "198.51.100.1"},
        {"10.0.0.1", "10.0.0.2", "10.0.0.2"},  // all of them proxies: the farthest
        {"fd00::1", "2001:db8::7", "2001:db8::7"},
        {"10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"},
        {"10.0.0.1", "198.51.100.1,", "10.0.0.1"},
        {"10.0.0.1", ",", "10.0.0.1"},
    }));
    CHECK(client_address(net::address::parse(peer).value(), list, trusted).to_string() == client);
}
