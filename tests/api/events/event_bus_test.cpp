#include "api/events/event_bus.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::events;

TEST_CASE("every subscriber hears every event", "[events]") {
    event_bus bus;
    int heard{0};
    bus.subscribe([&heard](const event& what) { heard += what.data == "{}" ? 1 : 0; });
    bus.subscribe([&heard](const event& what) { heard += what.data == "{}" ? 10 : 0; });
    bus.publish({.id = {}, .kind = event_kind::session_ended, .project = {}, .at = {}, .data = "{}"});
    CHECK(heard == 11);
}

TEST_CASE("an event is wanted when one subscriber at least would pass it on", "[events]") {
    event_bus bus;
    const auto here = project_id::random();
    const auto elsewhere = project_id::random();
    CHECK_FALSE(bus.is_wanted(event_kind::session_ended, here));
    for (const auto kind : {event_kind::session_started, event_kind::session_ended}) {
        bus.subscribe([](const event&) {},
                      [=](event_kind asked, const project_id& of) { return asked == kind && of == here; });
    }
    CHECK(bus.is_wanted(event_kind::session_started, here));
    CHECK(bus.is_wanted(event_kind::session_ended, here));
    CHECK_FALSE(bus.is_wanted(event_kind::quota_exceeded, here));
    CHECK_FALSE(bus.is_wanted(event_kind::session_ended, elsewhere));
    bus.subscribe([](const event&) {});
    CHECK(bus.is_wanted(event_kind::session_ended, elsewhere));
}

TEST_CASE("an event of no project is of every project", "[events]") {
    const auto one = project_id::random();
    CHECK(is_of(one, one));
    CHECK(is_of({}, one));
    CHECK_FALSE(is_of(project_id::random(), one));
}

TEST_CASE("an event's name leads back to it", "[events]") {
    for (int i = 0; i <= static_cast<int>(event_kind::region_up); ++i) {
        const auto kind = static_cast<event_kind>(i);
        CHECK(event_kind_from(to_string(kind)) == kind);
    }
    CHECK_FALSE(event_kind_from("session").has_value());
}
