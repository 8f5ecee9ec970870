#include "api/fleet/region_catalogue.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace turnix;
using namespace turnix::fleet;

namespace {

std::vector<std::string> faults_of(const std::string& text) {
    const auto read = region_catalogue::parse(text, "regions.yaml");
    std::vector<std::string> lines;
    if (read.has_error()) {
        for (const auto& fault : read.error()) lines.push_back(fault.to_string());
    }
    return lines;
}

const std::string good = R"(regions:
  - slug: eu-central
    country: DE
    city: Frankfurt
    name: Europe Central
    lat: 50.11
    lon: 8.68
    assume_online: true
    nodes:
      - {host: eu.example.net, udp: 3478, tls: 443}
      - {host: "2001:db8::1", tcp: 80}
)";

}  // namespace

TEST_CASE("a region is read as it is written", "[fleet][catalogue]") {
    const auto read = region_catalogue::parse(good, "regions.yaml");
    REQUIRE(read.has_value());
    const auto* const region = read->find("eu-central");
    REQUIRE(region != nullptr);
    CHECK(region->country == "DE");
    CHECK(region->city == "Frankfurt");
    CHECK(region->name == "Europe Central");
    CHECK(region->location == coordinates{50.11, 8.68});
    CHECK(region->assume_online);
    CHECK(region->nodes == std::vector<node_entry>{{.host = "eu.example.net", .udp = 3478, .tls = 443},
                                                   {.host = "2001:db8::1", .tcp = 80}});
    CHECK(read->find("eu") == nullptr);
}

TEST_CASE("all faults of the file are told at once, with line, key, value and remedy", "[fleet][catalogue]") {
    const auto faults = faults_of(R"(regions:
  - slug: Eu_Central
    country: de
    city: Frankfurt
    lat: 91
    lon: east
    colour: blue
    nodes:
      - {host: "not a host", udp: 70000}
      - {host: eu.example.net}
  - slug: a
    country: DE
    city: A
    name: A
    lat: 1
    lon: 1
    nodes: []
)");
    const auto told = [&](const std::string& wanted) {
        return std::ranges::any_of(faults, [&](const auto& line) { return line.starts_with(wanted); });
    };
    CHECK(told("regions.yaml:2: regions[0].slug: \"Eu_Central\" is not a slug"));
    CHECK(told("regions.yaml:3: regions[0].country: \"de\" is not a country's two letters"));
    CHECK(told("regions.yaml:2: regions[0].name: is missing; give "));
    CHECK(told("regions.yaml:5: regions[0].lat: \"91\" is out of range; give degrees from -90 to 90"));
    CHECK(told("regions.yaml:6: regions[0].lon: \"east\" is not a number"));
    CHECK(told("regions.yaml:7: regions[0].colour: \"blue\" is not a key here; the keys are slug"));
    CHECK(told("regions.yaml:9: regions[0].nodes[0].host: \"not a host\" is not a host name"));
    CHECK(told("regions.yaml:9: regions[0].nodes[0].udp: \"70000\" is out of range"));
    CHECK(told("regions.yaml:10: regions[0].nodes[1]: names no port"));
    CHECK(told("regions.yaml:17: regions[1].nodes: is not a list with something in it"));
    CHECK(faults.size() == 10);
}

TEST_CASE("two regions of one slug are refused", "[fleet][catalogue]") {
    const auto region = good.substr(good.find('\n') + 1);
    const auto faults = faults_of(good + region);
    REQUIRE(faults.size() == 1);
    CHECK(faults.front() ==
          "regions.yaml:12: regions[1].slug: \"eu-central\" stands twice; give each its own slug");
}

TEST_CASE("a node that gossips has an address and a key of its own", "[fleet][catalogue]") {
    const auto with_nodes = [](const std::string& nodes) {
        return good.substr(0, good.find("      - {host: eu")) + nodes;
    };
    const std::string key(43, 'A');
    const auto both = "      - {host: a, udp: 1, gossip: \"192.0.2.1:7946\", public_key: " + key + "}\n";
    const auto read = region_catalogue::parse(with_nodes(both + "      - {host: b, udp: 1}\n"), "f");
    REQUIRE(read.has_value());
    REQUIRE(read->gossipers().size() == 1);
    CHECK(read->gossipers().front().address.to_string() == "192.0.2.1:7946");
    CHECK(read->gossipers().front().key == crypto::ed25519_public_key{});

    const auto fault_of = [&](const std::string& nodes) {
        const auto faults = faults_of(with_nodes(nodes));
        return faults.empty() ? std::string{} : faults.front();
    };
    CHECK_THAT(fault_of("      - {host: a, udp: 1, gossip: \"192.0.2.1:7946\"}\n"),
               Catch::Contains("nodes[0].public_key: is missing"));
    CHECK_THAT(fault_of("      - {host: a, udp: 1, public_key: " + key + "}\n"),
               Catch::Contains("nodes[0].gossip: is missing"));
    CHECK_THAT(fault_of("      - {host: a, udp: 1, gossip: \"192.0.2.1:1\", public_key: short}\n"),
               Catch::Contains("\"short\" is not a node's public key"));
    CHECK_THAT(fault_of(both + both),
               Catch::Contains("nodes[1].public_key") && Catch::Contains("stands twice"));
}

TEST_CASE("what is no catalogue is refused", "[fleet][catalogue]") {
    const auto* const text = GENERATE("", "[]", "regions:", "regions: []", "regions: 1", "regions: [1]",
                                      "regions: [{", "{}", "other: 1");
    CHECK_FALSE(faults_of(text).empty());
}

TEST_CASE("a file that cannot be read is named", "[fleet][catalogue]") {
    const auto* const path = GENERATE("/nonexistent/regions.yaml", "/");
    const auto read = region_catalogue::load(path);
    REQUIRE(read.has_error());
    CHECK(read.error().front().to_string().starts_with(std::string{path} + ": "));
}

TEST_CASE("the regions file of the repository is good: six continents and this machine",
          "[fleet][catalogue]") {
    const auto read = region_catalogue::load(TURNIX_SOURCE_DIRECTORY "/regions.yaml");
    REQUIRE(read.has_value());
    const auto* const local = read->find("local");
    REQUIRE(local != nullptr);
    CHECK(local->nodes.front().host == "127.0.0.1");
    CHECK(read->regions().size() >= 13);
    for (const auto& region : read->regions()) CHECK_FALSE(region.assume_online);
    for (const auto* const slug : {"us-east", "sa-east", "eu-central", "af-south", "ap-south", "oc-east"}) {
        CHECK(read->find(slug) != nullptr);
    }
}
