#include "api/resources/region_event.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace turnix;

TEST_CASE("a region that goes down is told to every project, with who says so", "[api][regions][events]") {
    const wall_time now{std::chrono::seconds{1'700'000'000}};
    fleet::region_change change{
        .region = "us-east", .is_online = false, .seen_from = "eu-central", .is_stale = true};
    const auto down = api::region_event(change, now);
    CHECK(to_string(down.kind) == "region.down");
    CHECK(down.project == project_id{});
    CHECK(down.at == now);
    CHECK(boost::json::parse(down.data) ==
          boost::json::parse(R"({"region":"us-east","seen_from":"eu-central","stale":true})"));
    change.is_online = true;
    CHECK(to_string(api::region_event(change, now).kind) == "region.up");
}
