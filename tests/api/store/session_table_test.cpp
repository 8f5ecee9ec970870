#include "api/store/session_history.hpp"
#include "api/store/store.hpp"
#include "tests/api/store/examples.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace turnix;
using namespace std::chrono_literals;

namespace {

struct stored_session {
    std::optional<std::int64_t> sequence;
    contract::traffic_counters traffic;
    std::optional<wall_time> ended_at;
    std::optional<std::string> end_reason;

    friend bool operator==(const stored_session&, const stored_session&) = default;
};

contract::traffic_counters traffic_of(std::uint64_t amount) {
    return {.uplink_packets = amount,
            .uplink_bytes = 100 * amount,
            .downlink_packets = 2 * amount,
            .downlink_bytes = 200 * amount};
}

contract::session_progress progress(session_id id, std::uint32_t sequence) {
    return {.id = id, .traffic = traffic_of(sequence + 1), .sequence = sequence, .at = tests::noon + 10s};
}

contract::session_moved move(const contract::session_started& session, std::uint32_t sequence) {
    contract::session_moved moved{.session = session,
                                  .traffic = traffic_of(sequence + 1),
                                  .sequence = sequence,
                                  .at = tests::noon + 20s};
    moved.session.client = net::endpoint::parse("192.0.2.8:40001").value();
    moved.session.transport = net::transport::udp;
    return moved;
}

contract::session_ended end(session_id id, std::uint32_t sequence) {
    return {.id = id,
            .traffic = traffic_of(sequence + 1),
            .sequence = sequence,
            .reason = contract::end_reason::client_released,
            .at = tests::noon + 60s};
}

stored_session read_session(const std::filesystem::path& file, session_id id) {
    store::sqlite_database database{file};
    auto rows = database.query(
        "select sequence, uplink_packets, uplink_bytes, downlink_packets, downlink_bytes, ended_at_ms, "
        "end_reason"
        " from sessions where id = ?",
        id);
    REQUIRE(rows.next());
    const auto counter = [&rows](int column) {
        return static_cast<std::uint64_t>(rows.get<std::int64_t>(column));
    };
    return {.sequence = rows.get<std::optional<std::int64_t>>(0),
            .traffic = {.uplink_packets = counter(1),
                        .uplink_bytes = counter(2),
                        .downlink_packets = counter(3),
                        .downlink_bytes = counter(4)},
            .ended_at = rows.get<std::optional<wall_time>>(5),
            .end_reason = rows.get<std::optional<std::string>>(6)};
}

/// What a store keeps of these events, written in this order.
stored_session outcome_of(session_id id, std::vector<contract::session_event> events) {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "turnix.db";
    {
        store::store store{file};
        REQUIRE(store.record_session_events(events));
        REQUIRE(events.empty());
        store.flush();
        REQUIRE(store.records_lost() == 0);
    }
    return read_session(file, id);
}

}  // namespace

TEST_CASE("a session is kept with whose it is and where it runs", "[store]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "turnix.db";
    const auto started = tests::start_of_a_session(session_id::random());
    {
        store::store store{file};
        std::vector<contract::session_event> events{started};
        REQUIRE(store.record_session_events(events));
    }
    store::sqlite_database database{file};
    auto rows = database.query(
        "select credential_id, project_id, room, initiator_client, receiver_client, region, transport, "
        "client,"
        " server, relayed, started_at_ms, ended_at_ms from sessions");
    REQUIRE(rows.next());
    CHECK(rows.get<credential_id>(0) == started.claims->id);
    CHECK(rows.get<project_id>(1) == started.claims->project);
    const std::vector<std::string> texts{
        "room-7", "alice", "", "local", "tcp", "192.0.2.7:40000", "198.51.100.1:3478", "[2001:db8::1]:50000"};
    for (int i = 0; i < 8; ++i)
        CHECK(rows.get<std::optional<std::string>>(2 + i).value_or("") == texts[static_cast<std::size_t>(i)]);
    CHECK(rows.get<wall_time>(10) == tests::noon);
    CHECK_FALSE(rows.get<std::optional<wall_time>>(11).has_value());
}

TEST_CASE("an event that comes twice or late changes nothing", "[store]") {
    const auto id = session_id::random();
    const contract::session_event started = tests::start_of_a_session(id);
    const auto live = outcome_of(id, {started, progress(id, 0), progress(id, 1)});
    const auto ended = outcome_of(id, {started, progress(id, 0), end(id, 1)});
    REQUIRE(live.sequence == 1);
    REQUIRE(live.traffic == traffic_of(2));
    REQUIRE_FALSE(live.ended_at.has_value());
    REQUIRE(ended.ended_at == tests::noon + 60s);
    REQUIRE(ended.end_reason == "client_released");

    struct row {
        const char* what;
        stored_session expected;
        std::vector<contract::session_event> events;
    };
    auto end_again = end(id, 2);
    end_again.reason = contract::end_reason::shutdown;
    const std::vector<row> rows{
        {"start twice", live, {started, progress(id, 0), progress(id, 1), started}},
        {"progress twice", live, {started, progress(id, 0), progress(id, 1), progress(id, 1)}},
        {"progress late", live, {started, progress(id, 1), progress(id, 0)}},
        {"progress skipped", live, {started, progress(id, 1)}},
        {"end twice", ended, {started, end(id, 1), end(id, 1)}},
        {"a second end", ended, {started, end(id, 1), end_again}},
        {"progress after the end", ended, {started, end(id, 1), progress(id, 2)}},
        {"start after the end", ended, {started, end(id, 1), started}},
    };
    for (const auto& [what, expected, events] : rows) {
        DYNAMIC_SECTION(what) { CHECK(outcome_of(id, events) == expected); }
    }
}

TEST_CASE("a move changes where the client is, whichever event comes first", "[store]") {
    const auto started = tests::start_of_a_session(session_id::random());
    const auto moved = move(started, 1);
    auto moved_before = move(started, 0);
    moved_before.session.client = net::endpoint::parse("192.0.2.9:1").value();
    const auto with = [&](std::vector<contract::session_event> events) {
        const tests::temporary_directory directory;
        const auto file = directory.path() / "turnix.db";
        {
            store::store store{file};
            REQUIRE(store.record_session_events(events));
            store.flush();
        }
        store::sqlite_database database{file};
        auto rows = database.query("select client, transport, started_at_ms from sessions");
        REQUIRE(rows.next());
        CHECK(rows.get<std::string>(0) == "192.0.2.8:40001");
        CHECK(rows.get<std::string>(1) == "udp");
        CHECK(rows.get<wall_time>(2) == tests::noon);
        return read_session(file, started.id);
    };
    const auto live = with({started, moved});
    CHECK(live.sequence == 1);
    CHECK(live.traffic == traffic_of(2));
    CHECK(with({moved, started}) == live);
    CHECK(with({moved, started, progress(started.id, 0)}) == live);
    CHECK(with({moved, moved_before, started}) == live);
    const auto ended = with({started, moved, end(started.id, 2)});
    CHECK(ended.end_reason == "client_released");
    CHECK(with({moved, end(started.id, 2), started, moved_before}) == ended);
}

TEST_CASE("events of an unknown session make none", "[store]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "turnix.db";
    const auto id = session_id::random();
    {
        store::store store{file};
        std::vector<contract::session_event> events{progress(id, 0), end(id, 1)};
        REQUIRE(store.record_session_events(events));
    }
    store::sqlite_database database{file};
    CHECK_FALSE(database.query("select 1 from sessions").next());
}

TEST_CASE("sessions that a dead process left open end at their last event", "[store]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "turnix.db";
    const auto open = session_id::random();
    const auto started = tests::start_of_a_session(open);
    const auto closed = session_id::random();
    {
        store::store store{file};
        std::vector<contract::session_event> events{started, progress(open, 0),
                                                    tests::start_of_a_session(closed), end(closed, 0)};
        REQUIRE(store.record_session_events(events));
    }
    {
        store::store store{file};
        std::vector<store::interrupted_session> left_behind;
        const auto look = [&] {
            store.run([&](auto& database) { left_behind = store::read_interrupted_sessions(database); });
        };
        look();
        REQUIRE(left_behind.size() == 1);
        CHECK(left_behind[0].project == started.claims->project);
        CHECK(left_behind[0].session.id == open);
        CHECK(left_behind[0].session.end_reason == "interrupted");
        CHECK(left_behind[0].session.ended_at == tests::noon + 10s);
        store.end_interrupted_sessions();
        look();
        CHECK(left_behind.empty());
    }
    CHECK(read_session(file, open).end_reason == "interrupted");
    CHECK(read_session(file, open).ended_at == tests::noon + 10s);
    CHECK(read_session(file, closed).end_reason == "client_released");
}
