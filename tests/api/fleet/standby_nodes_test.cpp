#include "api/fleet/standby_nodes.hpp"

#include "api/fleet/host_addresses.hpp"
#include "tests/api/fleet/gossiping_fleet.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace turnix;
using namespace turnix::fleet;
using namespace std::chrono_literals;

namespace {

/// "n1" has an address of each family, "n2" one only; the others have none.
std::vector<net::address> addresses_of(const std::string& host) {
    std::vector<net::address> found;
    if (host == "n1") found.push_back(net::address::parse("2001:db8::1").value());
    if (host == "n1" || host == "n2")
        found.push_back(net::address::parse("192.0.2." + host.substr(1)).value());
    return found;
}

struct standby_fleet : gossiping_fleet {
    /// Its host, or "none", when a client comes in over this.
    std::string named(net::transport transport, net::family family = net::family::ipv4,
                      std::uint64_t random = 0) const {
        const standby_nodes nodes{directory, selector, addresses_of};
        const auto* const found = nodes.find(transport, family, random);
        return found == nullptr ? "none" : found->name;
    }
    region_selector selector{directory, std::nullopt};
};

}  // namespace

TEST_CASE("a client is sent to a node that takes it, over its transport and in its family",
          "[fleet][standby]") {
    standby_fleet fleet;
    fleet.agents[1]->declare({.sessions = 5, .sessions_max = 10, .ports = {.udp = 3478, .tcp = 80}});
    fleet.run(1s);
    struct row {
        net::transport transport;
        net::family family;
        const char* expected;
    };
    for (const auto& [transport, family, expected] : {
             row{net::transport::udp, net::family::ipv4, "n2"},  // the less loaded
             row{net::transport::udp, net::family::ipv6, "n1"},  // the only one
             row{net::transport::tcp, net::family::ipv4, "n1"},
             row{net::transport::tls, net::family::ipv4, "n2"},
             row{net::transport::tls, net::family::ipv6, "none"},
             row{net::transport::dtls, net::family::ipv4, "none"},
         }) {
        CAPTURE(net::to_string(transport), net::to_string(family));
        for (std::uint64_t random = 0; random < 4; ++random) {
            CHECK(fleet.named(transport, family, random) == expected);
        }
    }
}

TEST_CASE("nobody is sent to a node that would not keep him", "[fleet][standby]") {
    standby_fleet fleet;
    REQUIRE(fleet.named(net::transport::udp) != "none");
    fleet.agents[2].reset();
    SECTION("who is suspected, though he may live") {
        REQUIRE(fleet.run_until(5s, [&] { return fleet.agents[0]->find(fleet.id(2))->judged.has_value(); }));
        REQUIRE(is_live(fleet.agents[0]->find(fleet.id(2))->state()));
        for (std::uint64_t random = 0; random < 4; ++random) {
            CHECK(fleet.named(net::transport::udp, net::family::ipv4, random) == "n1");
        }
    }
    SECTION("who drains") {
        fleet.run(5s);
        fleet.agents[1]->declare(
            {.state = gossip::declared_state::draining, .sessions_max = 10, .ports = {.udp = 1}});
        fleet.run(1s);
        CHECK(fleet.named(net::transport::udp) == "none");
    }
    SECTION("who is full") {
        fleet.run(5s);
        fleet.agents[1]->declare({.sessions = 10, .sessions_max = 10, .ports = {.udp = 1}});
        fleet.run(1s);
        CHECK(fleet.named(net::transport::udp) == "none");
    }
    SECTION("who does not gossip, though the regions file says that he works") {
        fleet.agents[1].reset();
        fleet.run(6s);
        REQUIRE(fleet.state("elsewhere").operational);
        CHECK(fleet.named(net::transport::tcp) == "none");
    }
}

TEST_CASE("names of hosts are looked up, addresses are as they are", "[fleet][standby]") {
    boost::asio::io_context io;
    host_addresses hosts{io.get_executor()};
    const monotonic_time now{1h};
    CHECK(hosts.of("192.0.2.1", now) == std::vector{net::address::parse("192.0.2.1").value()});
    CHECK(hosts.of("localhost", now).empty());
    io.run();
    const auto found = hosts.of("localhost", now);
    CHECK_FALSE(found.empty());
    for (const auto& each : found) CHECK(each.is_loopback());
    CHECK(hosts.of("nowhere.invalid", now).empty());
    io.restart();
    io.run();
    CHECK(hosts.of("nowhere.invalid", now).empty());
}
