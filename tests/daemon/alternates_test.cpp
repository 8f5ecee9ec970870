#include "daemon/alternates.hpp"

#include "tests/api/fleet/gossiping_fleet.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace turnix;
using namespace std::chrono_literals;

namespace {

struct standby : fleet::gossiping_fleet {
    /// Knows both nodes of the other region as they stand, by two addresses each.
    void learn() {
        to.use(std::make_shared<const fleet::standby_nodes>(
            directory, selector, [](const std::string& host) -> std::vector<net::address> {
                return {net::address::parse("2001:db8::" + host.substr(1)).value(),
                        net::address::parse("192.0.2." + host.substr(1)).value()};
            }));
    }
    std::optional<turn::alternate_server> find(net::transport transport, const credential::claims& claims) {
        turn::client_path path;
        path.transport = transport;
        return to.find(path, claims);
    }
    fleet::region_selector selector{directory, std::nullopt};
    daemon::alternates to;
};

}  // namespace

TEST_CASE("a client is told where another node takes it, at the port of its transport",
          "[fleet][alternates]") {
    standby node;
    const credential::claims claims{};
    CHECK_FALSE(node.find(net::transport::udp, claims));
    node.learn();
    const auto over_udp = node.find(net::transport::udp, claims);
    REQUIRE(over_udp);
    REQUIRE(over_udp->addresses.size() == 2);
    for (const auto& each : over_udp->addresses) CHECK(each.port == 3478);
    const auto over_tls = node.find(net::transport::tls, claims);
    REQUIRE(over_tls);
    CHECK(over_tls->addresses[0].port == 443);
    CHECK(over_tls->domain == over_udp->domain);
    CHECK_FALSE(node.find(net::transport::tcp, claims));
}

TEST_CASE("a credential goes to one node, many go to both", "[fleet][alternates]") {
    standby node;
    node.learn();
    credential::claims claims{};
    std::map<std::string, int> told;
    for (int i = 0; i < 100; ++i) {
        claims.id = credential_id::random();
        const auto first = node.find(net::transport::udp, claims);
        const auto again = node.find(net::transport::udp, claims);
        REQUIRE((first && again));
        CHECK(first->domain == again->domain);
        ++told[first->domain];
    }
    CHECK(told.size() == 2);
}

TEST_CASE("who may reach a room on this node only is not sent away", "[fleet][alternates]") {
    standby node;
    node.learn();
    credential::claims claims{};
    claims.scope = credential::peer_scope::room;
    CHECK_FALSE(node.find(net::transport::udp, claims));
}
