#include "api/resources/session_announcer.hpp"

#include "tests/api/store/examples.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::api;

namespace {

class announcer_fixture {
  public:
    announcer_fixture() {
        bus.subscribe([this](const events::event& what) { heard.push_back(what); });
    }

    events::event_bus bus;
    std::vector<events::event> heard;
    std::shared_ptr<const credential::key_ring> keys =
        std::make_shared<credential::key_ring>(credential::key_ring::generate(
            instant{.monotonic = {}, .wall = tests::noon}, std::chrono::days{365}));
    session_announcer announcer{bus, keys};
    contract::session_started started = tests::start_of_a_session(session_id::random());
    contract::session_ended ended{
        .id = started.id,
        .traffic = {.uplink_packets = 1, .uplink_bytes = 20, .downlink_packets = 3, .downlink_bytes = 40},
        .sequence = 7,
        .reason = contract::end_reason::client_released,
        .at = tests::noon + std::chrono::seconds{5}};
};

}  // namespace

TEST_CASE_METHOD(announcer_fixture, "a session's begin and end are told once, with names and figures",
                 "[events]") {
    announcer.announce(started);
    announcer.announce(started);
    announcer.announce(ended);
    announcer.announce(ended);
    REQUIRE(heard.size() == 2);
    CHECK(heard[0].kind == events::event_kind::session_started);
    CHECK(heard[0].project == started.claims->project);
    CHECK(heard[1].kind == events::event_kind::session_ended);
    CHECK(heard[1].at == ended.at);
    const auto data = boost::json::parse(heard[1].data);
    CHECK(data.at("session_id").as_string() == started.id.to_string());
    CHECK(credential::credential_reference::open(data.at("credential_id").as_string(), *keys)->id ==
          started.claims->id);
    CHECK(data.at("room") == "room-7");
    CHECK(data.at("initiator_client") == "alice");
    CHECK(data.at("receiver_client").is_null());
    CHECK(data.at("started_at") == "2026-01-06T12:00:00.000Z");
    CHECK(data.at("ended_at") == "2026-01-06T12:00:05.000Z");
    CHECK(data.at("uplink_bytes") == 20);
    CHECK(data.at("downlink_packets") == 3);
}

TEST_CASE("a session's end is told to who began to listen after its start", "[events]") {
    announcer_fixture node;
    bool listens{false};
    std::vector<events::event> heard;
    events::event_bus bus;
    bus.subscribe([&](const events::event& what) { heard.push_back(what); },
                  [&](events::event_kind, const project_id&) { return listens; });
    session_announcer announcer{bus, node.keys};
    announcer.announce(node.started);
    CHECK(heard.empty());
    listens = true;
    announcer.announce(node.ended);
    REQUIRE(heard.size() == 1);
    CHECK(heard[0].kind == events::event_kind::session_ended);
}

TEST_CASE_METHOD(announcer_fixture, "the end of a session is told that a dead process left behind",
                 "[events]") {
    store::session_row row;
    row.id = session_id::random();
    row.room = "room-7";
    row.updated_at = tests::noon;
    row.ended_at = tests::noon + std::chrono::seconds{5};
    row.end_reason = "interrupted";
    row.traffic.uplink_bytes = 20;
    announcer.announce(store::interrupted_session{.project = project_id::random(), .session = row});
    REQUIRE(heard.size() == 1);
    CHECK(heard[0].kind == events::event_kind::session_ended);
    const auto data = boost::json::parse(heard[0].data);
    CHECK(data.at("session_id").as_string() == row.id.to_string());
    CHECK(data.at("room") == "room-7");
    CHECK(data.at("end_reason") == "interrupted");
    CHECK(data.at("ended_at") == "2026-01-06T12:00:05.000Z");
    CHECK(data.at("uplink_bytes") == 20);
}

TEST_CASE_METHOD(announcer_fixture, "a session that moved is told once, in whatever order it is reported",
                 "[events]") {
    const contract::session_moved moved{.session = started, .traffic = {}, .sequence = 3, .at = tests::noon};
    announcer.announce(moved);
    announcer.announce(ended);
    announcer.announce(started);
    CHECK(heard.size() == 2);
}

TEST_CASE_METHOD(announcer_fixture, "a quota that is reached is told with whose it is", "[events]") {
    const contract::quota_exceeded reached{.which = contract::quota::project_allocations,
                                           .project = started.claims->project,
                                           .credential = started.claims->id,
                                           .session = {},
                                           .at = tests::noon};
    announcer.announce(reached);
    REQUIRE(heard.size() == 1);
    CHECK(heard[0].kind == events::event_kind::quota_exceeded);
    CHECK(heard[0].project == reached.project);
    const auto data = boost::json::parse(heard[0].data);
    CHECK(data.at("quota") == "project_allocations");
    CHECK(data.at("session_id").is_null());
    CHECK(data.at("credential_id").as_string().starts_with("ice_"));
}
