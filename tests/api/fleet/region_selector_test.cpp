#include "api/fleet/region_selector.hpp"

#include "tests/api/fleet/relay_stub.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::fleet;

namespace {

std::string region(const char* slug, double latitude, double longitude, bool assume_online) {
    return std::string{"  - {slug: "} + slug +
           ", country: DE, city: C, name: N, lat: " + std::to_string(latitude) +
           ", lon: " + std::to_string(longitude) + ", assume_online: " + (assume_online ? "true" : "false") +
           ", nodes: [{host: h, udp: 1}]}\n";
}

/// This node is in Frankfurt; Tokyo and Manchester are assumed online, Sydney is not.
struct fleet_of_four {
    relay_stub relay;
    region_directory directory{
        *region_catalogue::parse(
            "regions:\n" + region("manchester", 53.5, -2.2, true) + region("frankfurt", 50.1, 8.7, false) +
                region("tokyo", 35.7, 139.7, true) + region("sydney", -33.9, 151.2, false),
            "regions.yaml"),
        "frankfurt", relay};

    std::string select(const selection_wish& wish, bool with_database = true) const {
        std::optional<geoip> database;
        if (with_database) {
            database = geoip::open(TURNIX_SOURCE_DIRECTORY "/tests/api/fleet/fixtures/nested.mmdb");
        }
        const auto chosen = region_selector{directory, std::move(database)}.select(wish);
        return chosen ? (*chosen)->slug : std::string{to_string(chosen.error())};
    }
};

net::address address(const char* text) { return net::address::parse(text).value(); }

const std::string unknown{to_string(selection_error::unknown_region)};
const std::string down{to_string(selection_error::not_operational)};

}  // namespace

TEST_CASE("only this node's own region is online without gossip, unless others are assumed to be",
          "[fleet][directory]") {
    fleet_of_four fleet;
    const auto state = [&](const char* slug) {
        return fleet.directory.state_of(*fleet.directory.find(slug));
    };
    CHECK(state("frankfurt").online);
    CHECK(state("frankfurt").operational);
    CHECK(state("tokyo").operational);
    CHECK_FALSE(state("sydney").online);
    CHECK_FALSE(state("sydney").operational);

    fleet.relay.now.draining = true;
    CHECK(state("frankfurt").online);
    CHECK_FALSE(state("frankfurt").operational);
    fleet.relay.now = {.sessions = 10, .sessions_max = 10};
    CHECK_FALSE(state("frankfurt").operational);
    fleet.relay.now = {.sessions_max = 10, .step = contract::load_step::tls_waits};
    CHECK(state("frankfurt").operational);
    fleet.relay.now = {.sessions_max = 10, .step = contract::load_step::newcomers_refused};
    CHECK(state("frankfurt").online);
    CHECK_FALSE(state("frankfurt").operational);
}

TEST_CASE("a node whose region is not in the file does not start", "[fleet][directory]") {
    const relay_stub relay;
    CHECK_THROWS_WITH(
        region_directory(*region_catalogue::parse("regions:\n" + region("a", 0, 0, false), "f"), "b", relay),
        Catch::Contains("\"b\""));
}

TEST_CASE("the fixed region is taken or nothing is", "[fleet][selection]") {
    const fleet_of_four fleet;
    CHECK(fleet.select({.fixed = "tokyo", .client = address("81.2.69.160")}) == "tokyo");
    CHECK(fleet.select({.fixed = "tokyo", .preferred = "frankfurt"}) == "tokyo");
    CHECK(fleet.select({.fixed = "sydney", .preferred = "tokyo"}) == down);
    CHECK(fleet.select({.fixed = "atlantis"}) == unknown);
}

TEST_CASE("the preferred region is taken when it works, else the nearest", "[fleet][selection]") {
    const fleet_of_four fleet;
    CHECK(fleet.select({.preferred = "tokyo", .client = address("81.2.69.160")}) == "tokyo");
    CHECK(fleet.select({.preferred = "sydney", .client = address("133.1.2.3")}) == "tokyo");
    CHECK(fleet.select({.preferred = "atlantis", .client = address("2a02:c7f::1")}) == "manchester");
}

TEST_CASE("otherwise the nearest region that works serves the caller", "[fleet][selection]") {
    fleet_of_four fleet;
    CHECK(fleet.select({.client = address("133.1.2.3")}) == "tokyo");
    CHECK(fleet.select({.client = address("2a02:c7f::1")}) == "manchester");
    SECTION("without a place, a database or an address: this region") {
        CHECK(fleet.select({.client = address("10.0.0.1")}) == "frankfurt");
        CHECK(fleet.select({}) == "frankfurt");
        CHECK(fleet.select({.client = address("133.1.2.3")}, false) == "frankfurt");
    }
    SECTION("and the next one when this region drains") {
        fleet.relay.now.draining = true;
        CHECK(fleet.select({}) == "manchester");
    }
}

TEST_CASE("no region that works is an error", "[fleet][selection]") {
    relay_stub relay;
    relay.now.draining = true;
    const region_directory alone{*region_catalogue::parse("regions:\n" + region("a", 0, 0, false), "f"), "a",
                                 relay};
    CHECK(region_selector{alone, std::nullopt}.select({}).error() == selection_error::not_operational);
}

TEST_CASE("a region costs its distance, what its way is longer than the map says, and its load",
          "[fleet][selection]") {
    using namespace std::chrono_literals;
    struct row {
        const char* what;
        cost_factors of;
        double detour;
        double load;
    };
    for (const auto& [what, of, detour, load] : {
             row{"nothing but its distance is known", {.distance_km = 500}, 0, 0},
             row{"the nearest one", {.distance_km = 300, .nearest_km = 300, .load = 0.5}, 0, 250},
             row{"half loaded", {.distance_km = 0, .load = 0.5}, 0, 250},
             row{"nearly full", {.distance_km = 100, .load = 0.9}, 0, 810},
             row{"over full", {.distance_km = 100, .load = 1.5}, 0, 1'000},
             row{"as far as the map says",
                 {.distance_km = 6'000, .between_km = 6'000, .round_trip = 90ms},
                 0,
                 0},
             row{"nearer than light gets",
                 {.distance_km = 6'000, .between_km = 6'000, .round_trip = 9ms},
                 0,
                 0},
             row{"twice as far", {.distance_km = 6'000, .between_km = 6'000, .round_trip = 180ms}, 6'000, 0},
             row{"twice as far, for who is not quite there",
                 {.distance_km = 5'000, .nearest_km = 1'000, .between_km = 6'000, .round_trip = 180ms},
                 4'800,
                 0},
             row{"twice as far, for who is half way",
                 {.distance_km = 3'000, .nearest_km = 3'000, .between_km = 6'000, .round_trip = 180ms},
                 0,
                 0},
         }) {
        DYNAMIC_SECTION(what) {
            const auto cost = cost_of(of);
            CHECK(cost.detour_km == Approx(detour));
            CHECK(cost.load_km == Approx(load));
            CHECK(cost.total_km == Approx(of.distance_km + detour + load));
        }
    }
}

TEST_CASE("distances follow great circles", "[fleet][selection]") {
    const coordinates frankfurt{50.11, 8.68};
    CHECK(distance_km(frankfurt, frankfurt) == 0);
    CHECK(distance_km(frankfurt, {35.68, 139.69}) == Approx(9'330).epsilon(0.01));
    CHECK(distance_km({0, 179.5}, {0, -179.5}) == Approx(111.2).epsilon(0.01));  // across the date line
    CHECK(distance_km({90, 0}, {-90, 0}) == Approx(20'015).epsilon(0.01));
}

TEST_CASE("a loaded region gives callers to its neighbours", "[fleet][selection]") {
    fleet_of_four fleet;
    CHECK(fleet.select({}) == "frankfurt");
    fleet.relay.now = {.sessions = 8, .sessions_max = 10};
    CHECK(fleet.select({}) == "frankfurt");  // 640 km of load, 840 km to Manchester
    fleet.relay.now = {.sessions = 19, .sessions_max = 20};
    CHECK(fleet.select({}) == "manchester");
    CHECK(fleet.select({.preferred = "frankfurt"}) == "frankfurt");
}

TEST_CASE("a new GeoIP database locates from the next caller on", "[fleet][selection]") {
    const fleet_of_four fleet;
    region_selector selector{fleet.directory, std::nullopt};
    const auto chosen = [&] { return (*selector.select({.client = address("81.2.69.160")}).value()).slug; };
    CHECK(chosen() == "frankfurt");
    selector.use(geoip::open(TURNIX_SOURCE_DIRECTORY "/tests/api/fleet/fixtures/nested.mmdb"));
    CHECK(chosen() == "manchester");
    selector.use(std::nullopt);
    CHECK(chosen() == "frankfurt");
}
