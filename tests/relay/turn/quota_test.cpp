#include "common/credential/key_ring.hpp"
#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace turnix;
using namespace turnix::turn_test;
using contract::quota;
using contract::quota_exceeded;

namespace {

// What passes of a peer's and the client's datagrams of 1,000 bytes, a hundred times a second in each
// direction.
std::uint64_t relayed_bytes(world& node, test_client& client, std::chrono::milliseconds time) {
    const std::string payload(1'000, 'x');
    std::uint64_t relayed = 0;
    for (auto left = time; left > 0ms; left -= 10ms) {
        node.now.monotonic += 10ms;
        node.now.wall += 10ms;
        const auto up = client.send_channel_data(0x4000, payload);
        if (std::holds_alternative<turn::to_peer>(up)) relayed += payload.size();
        if (node.server.on_peer(node.now, {0}, at("9.9.9.9:7"), bytes_of(payload))) relayed += payload.size();
    }
    node.server.on_tick(node.now);
    return relayed;
}

test_client in_call(world& node, const credential::claims& claims) {
    test_client client{node, "198.51.100.7:40000", claims};
    client.allocate();
    REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    return client;
}

void cap(world& node, const credential::claims& of, const contract::limits_change& limits) {
    const contract::credential_override made{
        .target = {.project = of.project, .scope = contract::override_scope::credential, .id = of.id.bytes},
        .kind = contract::override_kind::cap,
        .issued_before = {},
        .version = 1,
        .until = of.sessions_end_at,
        .expires_at = {},
        .sessions_end_at = {},
        .limits = limits};
    node.server.use(node.now, contract::override_set{}.with(made));
}

bool is_within_5_percent(std::uint64_t value, std::uint64_t of) {
    return value * 100 >= of * 95 && value * 100 <= of * 105;
}

}  // namespace

TEST_CASE("a bit rate is held within 5 % each way", "[quota]") {
    world node;
    auto claims = node.claims();
    const auto by_credential = GENERATE(true, false);
    constexpr std::uint64_t rate_bps = 400'000;
    if (by_credential) {
        claims.limits.bitrate_bps_max = rate_bps;
    } else {
        node.admission.quotas().limit(claims.project, {.bitrate_bps_max = rate_bps}, 0);
    }
    auto client = in_call(node, claims);
    const auto relayed = relayed_bytes(node, client, 10s);
    INFO(relayed);
    CHECK(is_within_5_percent(relayed, 2 * (rate_bps / 8 * 10)));
    CHECK(node.drops(turn::drop_reason::over_quota) == 2'000 - relayed / 1'000);

    const auto told = node.observer.all<quota_exceeded>();
    REQUIRE(told.size() == 1);
    CHECK(told[0].which == (by_credential ? quota::credential_bitrate : quota::project_bitrate));
    CHECK(told[0].project == claims.project);
    CHECK(told[0].credential == claims.id);
    CHECK(told[0].session == node.observer.all<contract::session_started>().at(0).id);
}

TEST_CASE("a packet rate is held within 5 % each way", "[quota]") {
    world node;
    auto claims = node.claims();
    const auto by_credential = GENERATE(true, false);
    // Fewer than one in a share, less than two, and what is no whole number of them.
    const std::uint32_t per_second = GENERATE(10U, 30U, 60U, 99U);
    if (by_credential) {
        claims.limits.packets_per_second_max = per_second;
    } else {
        node.admission.quotas().limit(claims.project, {.packets_per_second_max = per_second}, 0);
    }
    auto client = in_call(node, claims);
    const auto relayed = relayed_bytes(node, client, 20s) / 1'000;
    INFO(per_second << " a second: " << relayed);
    CHECK(is_within_5_percent(relayed, std::uint64_t{2} * 20 * per_second));
    CHECK(node.drops(turn::drop_reason::over_packet_rate) == 4'000 - relayed);
    CHECK(node.drops(turn::drop_reason::over_quota) == 0);

    const auto told = node.observer.all<quota_exceeded>();
    REQUIRE(told.size() == 1);
    CHECK(told[0].which == (by_credential ? quota::credential_packet_rate : quota::project_packet_rate));
}

TEST_CASE("of a bit rate and a packet rate the one that is reached first holds", "[quota]") {
    world node;
    auto claims = node.claims();
    const auto [bitrate_bps, packets_per_second, reached, datagrams] =
        GENERATE(table<std::uint64_t, std::uint32_t, quota, std::uint64_t>({
            {400'000, 30, quota::credential_packet_rate, 30},
            {400'000, 80, quota::credential_bitrate, 50},
        }));
    claims.limits.bitrate_bps_max = bitrate_bps;
    claims.limits.packets_per_second_max = packets_per_second;
    auto client = in_call(node, claims);
    CHECK(is_within_5_percent(relayed_bytes(node, client, 20s), 2 * 20 * datagrams * 1'000));
    const auto told = node.observer.all<quota_exceeded>();
    REQUIRE(told.size() == 1);
    CHECK(told[0].which == reached);
}

TEST_CASE("who sends far beyond the rate leaves the way down to the other end of the call", "[quota]") {
    world node;
    auto claims = node.claims();
    claims.limits.bitrate_bps_max = 400'000;
    auto client = in_call(node, claims);
    const std::string payload(1'000, 'x');
    std::uint64_t up = 0;
    std::uint64_t down = 0;
    for (int i = 0; i < 10'000; ++i) {
        node.now.monotonic += 1ms;
        node.now.wall += 1ms;
        if (!std::holds_alternative<turn::to_peer>(client.send_channel_data(0x4000, payload))) continue;
        // The other end has the same credential: what comes up for it goes down under the same limit.
        up += payload.size();
        if (node.server.on_peer(node.now, {0}, at("9.9.9.9:7"), bytes_of(payload))) down += payload.size();
    }
    CHECK(is_within_5_percent(up, 500'000));
    CHECK(is_within_5_percent(down, 500'000));
}

TEST_CASE("a rate below one datagram at a time is held in the long run", "[quota]") {
    world node;
    auto claims = node.claims();
    claims.limits.bitrate_bps_max = 16'000;
    auto client = in_call(node, claims);
    CHECK(is_within_5_percent(relayed_bytes(node, client, 60s), 2 * 120'000));
}

TEST_CASE("a volume is held within 5 %, and no new session begins after it", "[quota]") {
    world node;
    auto claims = node.claims();
    const auto by_credential = GENERATE(true, false);
    if (by_credential) {
        claims.limits.bytes_max = 100'000;
    } else {
        node.admission.quotas().limit(claims.project, {.bytes_max = 150'000}, 50'000);
    }
    auto client = in_call(node, claims);
    const auto relayed = relayed_bytes(node, client, 5s);
    CHECK(relayed <= 100'000);
    CHECK(is_within_5_percent(relayed, 100'000));

    test_client again{node, "198.51.100.7:40001", claims};
    again.credential = client.credential;
    REQUIRE(client.ask(method::refresh, {lifetime(0s)}).code() == success);
    node.pass(30s);
    CHECK(again.ask(method::allocate, {udp()}).code() == 486);
    const auto expected = by_credential ? quota::credential_bytes : quota::project_bytes;
    for (const auto& told : node.observer.all<quota_exceeded>()) CHECK(told.which == expected);
    CHECK(node.observer.all<quota_exceeded>().size() == 2);
}

TEST_CASE("a cap holds for the call that lives, and a wider one lets it go on", "[quota]") {
    world node;
    const auto claims = node.claims();
    auto client = in_call(node, claims);
    CHECK(relayed_bytes(node, client, 1s) == 200'000);
    cap(node, claims, {.bytes_max = 300'000});
    CHECK(is_within_5_percent(200'000 + relayed_bytes(node, client, 5s), 300'000));
    cap(node, claims, {.bitrate_bps_max = 400'000, .bytes_max = 0});
    CHECK(is_within_5_percent(relayed_bytes(node, client, 10s), 2 * 500'000));
    cap(node, claims, {.bitrate_bps_max = 0});
    CHECK(relayed_bytes(node, client, 1s) == 200'000);
    cap(node, claims, {.packets_per_second_max = 50});
    CHECK(is_within_5_percent(relayed_bytes(node, client, 10s), 2 * 500'000));
    cap(node, claims, {.packets_per_second_max = 0});
    CHECK(relayed_bytes(node, client, 1s) == 200'000);
}

TEST_CASE("sessions of one credential share its limits, on whatever worker", "[quota]") {
    turn::traffic_budget budget;
    const auto limits = GENERATE(turn::traffic_limits{.bitrate_bps_max = 8'000'000},
                                 turn::traffic_limits{.packets_per_second_max = 1'000});
    budget.limit(limits);
    const auto shared = std::shared_ptr<turn::traffic_budget>{std::shared_ptr<void>{}, &budget};
    turn::budget_share one{shared};
    turn::budget_share two{shared};
    monotonic_time now{1h};
    std::uint64_t relayed = 0;
    for (int i = 0; i < 20'000; ++i) {
        now += 250us;
        for (auto* const worker : {&one, &two}) {
            if (worker->cover(turn::way::up, 1'000, now) != turn::shortage::none) continue;
            worker->spend(turn::way::up, 1'000);
            relayed += 1'000;
        }
    }
    CHECK(is_within_5_percent(relayed, 5'000'000));
}

TEST_CASE("a share of the day before is not given back to the new day", "[quota]") {
    struct row {
        const char* name;
        std::uint64_t max_before;
        std::uint64_t used_after;
        std::uint64_t relayed_after;
        std::uint64_t counted;
    };
    const auto row = GENERATE(values<struct row>({
        {"midnight, nothing relayed since", 1'000'000'000, 0, 0, 0},
        {"midnight, what is left of the share is used first", 1'000'000'000, 0, 10'000, 0},
        {"midnight, another share is taken", 1'000'000'000, 0, 100'000, 100'000 - 64'500},
        {"a first quota", 0, 500, 0, 500},
    }));
    INFO(row.name);
    const auto budget = std::make_shared<turn::traffic_budget>();
    budget->limit({.bitrate_bps_max = 0, .bytes_max = row.max_before});
    {
        turn::budget_share share{budget};
        const auto relay = [&share](std::uint64_t bytes) {
            for (; bytes != 0; bytes -= 500) {
                REQUIRE(share.cover(turn::way::up, 500, monotonic_time{1h}) == turn::shortage::none);
                share.spend(turn::way::up, 500);
            }
        };
        relay(1'000);
        budget->limit({.bitrate_bps_max = 0, .bytes_max = 1'000'000'000});
        budget->set_used(row.used_after);
        relay(row.relayed_after);
    }
    CHECK_FALSE(budget->is_volume_used_up());
    CHECK(budget->bytes_used() >= row.counted);
    CHECK(budget->bytes_used() <= row.counted);
}

TEST_CASE("a volume is remembered for as long as its credential may begin sessions", "[quota]") {
    const auto [sessions_end, expires, remembered] =
        GENERATE(table<std::chrono::sys_seconds, std::chrono::seconds, std::chrono::seconds>({
            {std::chrono::sys_seconds{1'900'000'000s}, 1'800'000'000s, 1'900'000'000s},
            {credential::no_end, 1'800'000'000s, 1'800'000'000s},
            {credential::no_end, credential::no_end.time_since_epoch(), 3'000'000'000s},
        }));
    credential::claims claims;
    claims.id = credential_id::random();
    claims.expires_at = std::chrono::sys_seconds{expires};
    claims.sessions_end_at = sessions_end;
    claims.limits.bytes_max = 1;
    turn::quota_book book;
    book.budget_of(claims)->add_used(1);
    const auto look = [&book](std::chrono::seconds at) {
        for (std::size_t i = 0; i < turn::quota_book::parts; ++i) book.expire(wall_time{at});
    };
    look(remembered + credential::clock_tolerance);
    CHECK(book.is_used_up(claims.id));
    if (expires == credential::no_end.time_since_epoch()) return;
    look(remembered + credential::clock_tolerance + 1s);
    CHECK_FALSE(book.is_used_up(claims.id));
}

TEST_CASE("a project has as many allocations and new sessions a second as it may have", "[quota]") {
    world node;
    const auto claims = node.claims();
    const auto told = GENERATE(quota::project_allocations, quota::project_session_rate);
    const bool is_rate = told == quota::project_session_rate;
    node.admission.quotas().limit(
        claims.project, {.allocations_max = is_rate ? 0U : 2U, .sessions_per_second_max = is_rate ? 2U : 0U},
        0);
    for (int i = 0; i < 2; ++i) {
        test_client{node, "198.51.100.7:4000" + std::to_string(i), claims}.allocate();
    }
    test_client third{node, "198.51.100.7:40009", claims};
    CHECK(third.ask(method::allocate, {udp()}).code() == 486);
    const auto events = node.observer.all<quota_exceeded>();
    REQUIRE(events.size() == 1);
    CHECK(events[0].which == told);
    CHECK_FALSE(events[0].session.has_value());

    node.pass(1s);
    if (is_rate) {
        CHECK(third.ask(method::allocate, {udp()}).code() == success);
    } else {
        node.server.end_all(node.now, contract::end_reason::terminated);
        CHECK(third.ask(method::allocate, {udp()}).code() == success);
        node.admission.quotas().limit(claims.project, {}, 0);
        test_client{node, "198.51.100.7:40010", claims}.allocate();
        test_client{node, "198.51.100.7:40011", claims}.allocate();
    }
}
