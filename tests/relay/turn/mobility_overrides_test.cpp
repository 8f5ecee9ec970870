// What is decided of a credential holds for its session on the way from one worker to another, too.
#include "relay/turn/quota_book.hpp"
#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>

using namespace turnix;
using namespace turnix::turn_test;
using contract::credential_override;
using contract::end_reason;
using contract::override_kind;
using contract::override_set;

namespace {

/// A session of worker 0 whose client has come to worker 1, with data.
struct leaving_session {
    leaving_session() : claims{generous(node)}, client{node, "198.51.100.7:40000", claims} {
        ticket = client.allocate_mobile();
        REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
        say();
        client.move_to("203.0.113.50:41000", 1);
        const auto answer = client.resume(ticket);
        REQUIRE(answer.code() == success);
        ticket = answer.text(attribute_type::mobility_ticket);
        say();
    }

    void say() { static_cast<void>(client.send_channel_data(0x4000, std::string(1'000, 'x'))); }
    [[nodiscard]] bool can_say() {
        return std::holds_alternative<turn::to_peer>(client.send_channel_data(0x4000, "up"));
    }

    [[nodiscard]] credential_override about(override_kind kind) const {
        return {.target = {.project = claims.project,
                           .scope = contract::override_scope::credential,
                           .id = claims.id.bytes},
                .kind = kind,
                .issued_before = {},
                .version = 1,
                .until = claims.sessions_end_at,
                .expires_at = claims.expires_at,
                .sessions_end_at = claims.sessions_end_at,
                .limits = {}};
    }

    /// The session leaves, and at some moment before it arrives or after it each worker hears of it.
    void move_while_told(const credential_override& of) {
        const auto overrides = override_set{}.with(of);
        const auto first_hears = GENERATE(0, 1, 2);
        const auto second_hears = GENERATE(0, 1, 2);
        const auto tell = [&](int moment) {
            if (first_hears == moment) node.server.use(node.now, overrides);
            if (second_hears == moment) node.second.use(node.now, overrides);
        };
        tell(0);
        static_cast<void>(node.deliver(0));
        tell(1);
        node.deliver_all();
        tell(2);
        node.deliver_all();
    }

    world node{[](contract::relay_settings& settings) { settings.mobility.enabled = true; }};
    credential::claims claims;
    test_client client;
    std::string ticket;

  private:
    static credential::claims generous(const world& node) {
        auto made = node.claims();
        made.limits.bytes_max = 1'000'000;
        return made;
    }
};

}  // namespace

TEST_CASE("a credential that is revoked while its session moves between workers ends it", "[overrides]") {
    leaving_session moving;
    moving.move_while_told(moving.about(override_kind::revoke));
    auto& node = moving.node;
    const auto ended = node.observer.all<contract::session_ended>();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].reason == end_reason::revoked);
    CHECK(node.server.allocations() + node.second.allocations() == 0);
    CHECK(node.ports.open_ports() + node.second_ports.open_ports() == 0);
    CHECK(node.ports.reserved_ports() + node.second_ports.reserved_ports() == 0);
    CHECK(node.admission.sessions() == 0);
    CHECK(node.mobility.sessions().size() == 0);
}

TEST_CASE("a drain that is said while a session moves leaves it alone", "[overrides]") {
    leaving_session moving;
    auto drain = moving.about(override_kind::revoke);
    drain.sessions = contract::live_sessions_rule::drain;
    moving.move_while_told(drain);
    CHECK(moving.can_say());
}

TEST_CASE("a shorter term that is said while a session moves ends it then", "[overrides]") {
    leaving_session moving;
    auto shorter = moving.about(override_kind::extend);
    shorter.sessions_end_at = moving.claims.issued_at + 20s;
    moving.move_while_told(shorter);
    moving.node.pass(49s);
    CHECK(moving.can_say());
    moving.node.pass(4s);
    const auto ended = moving.node.observer.all<contract::session_ended>();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].reason == end_reason::credential_ended);
}

TEST_CASE("a cap that is said while a session moves counts what it relayed before", "[overrides]") {
    leaving_session moving;
    auto cap = moving.about(override_kind::cap);
    cap.limits.bytes_max = 5'000;
    moving.move_while_told(cap);
    for (int i = 0; i < 10; ++i) moving.say();
    const auto relayed = moving.node.second.counters().totals().relayed.uplink_bytes +
                         moving.node.server.counters().totals().relayed.uplink_bytes;
    CHECK(relayed == 5'000);
}

TEST_CASE("what a session relays is charged once, however often it moves", "[quota]") {
    leaving_session moving;
    auto& node = moving.node;
    auto& client = moving.client;
    auto ticket = moving.ticket;
    std::uint64_t said = 2'000;
    for (int round = 0; round < 20; ++round) {
        node.deliver_all();
        client.move_to("203.0.113.51:" + std::to_string(42'000 + round),
                       static_cast<turn::worker_number>(round % 2));
        const auto answer = client.resume(ticket);
        REQUIRE(answer.code() == success);
        ticket = answer.text(attribute_type::mobility_ticket);
        moving.say();
        said += 1'000;
    }
    node.deliver_all();
    auto budget = node.admission.quotas().budget_of(moving.claims);
    CHECK(budget->bytes_used() >= said);
    REQUIRE(client.ask(method::refresh, {lifetime(0s)}).code() == success);
    CHECK(budget->bytes_used() == said);
    CHECK(node.admission.quotas().account_of(moving.claims.project)->traffic.bytes_used() == said);
}
