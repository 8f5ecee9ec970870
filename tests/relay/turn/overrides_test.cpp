#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace turnix;
using namespace turnix::turn_test;
using contract::credential_override;
using contract::end_reason;
using contract::live_sessions_rule;
using contract::override_kind;
using contract::override_scope;
using contract::override_set;
using contract::session_ended;

namespace {

credential_override about(const credential::claims& one, override_kind kind) {
    return {.target = {.project = one.project, .scope = override_scope::credential, .id = one.id.bytes},
            .kind = kind,
            .issued_before = {},
            .version = 1,
            .until = one.sessions_end_at,
            .expires_at = one.expires_at,
            .sessions_end_at = one.sessions_end_at,
            .limits = {}};
}

credential_override rule(const credential::claims& covering, override_scope scope, std::string name) {
    auto made = about(covering, override_kind::revoke);
    made.target.scope = scope;
    made.target.id = scope == override_scope::token ? covering.token.bytes : decltype(made.target.id){};
    made.target.name = std::move(name);
    made.issued_before = covering.issued_at + 1s;
    return made;
}

void hold(world& node, const credential_override& added) {
    node.server.use(node.now, override_set{}.with(added));
}

credential::claims named_claims(const world& node) {
    auto claims = node.claims();
    claims.initiator_client = "alice";
    claims.receiver_client = "bob";
    return claims;
}

}  // namespace

TEST_CASE("a revocation ends the credential's sessions at once and refuses new ones", "[overrides]") {
    world node;
    const auto claims = named_claims(node);
    const std::vector made{
        about(claims, override_kind::revoke),        rule(claims, override_scope::token, ""),
        rule(claims, override_scope::room, "room"),  rule(claims, override_scope::client, "alice"),
        rule(claims, override_scope::client, "bob"), rule(claims, override_scope::project, "")};
    const auto which = GENERATE(range(std::size_t{0}, std::size_t{6}));
    test_client revoked{node, "198.51.100.7:40000", claims};
    test_client other{node, "198.51.100.8:40000"};
    revoked.allocate();
    other.allocate();

    hold(node, made.at(which));
    const auto ended = node.observer.all<session_ended>();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].reason == end_reason::revoked);
    CHECK(node.ports.open_ports() == 1);
    // The credential is still in the cache: the revocation goes before it.
    test_client again{node, "198.51.100.7:40001", claims};
    again.credential = revoked.credential;
    CHECK(again.ask(method::allocate, {udp()}).code() == 401);
    CHECK(other.ask(method::refresh, {}).code() == success);
}

TEST_CASE("what was issued after a rule, or is not covered by it, is not revoked", "[overrides]") {
    world node;
    const auto claims = named_claims(node);
    auto other_project = rule(claims, override_scope::room, "room");
    other_project.target.project = project_id::random();
    auto earlier = rule(claims, override_scope::room, "room");
    earlier.issued_before = claims.issued_at;
    const std::vector made{other_project, earlier, rule(claims, override_scope::room, "rooms"),
                           rule(claims, override_scope::client, "room"),
                           rule(claims, override_scope::room, "alice")};
    const auto which = GENERATE(range(std::size_t{0}, std::size_t{5}));
    test_client client{node, "198.51.100.7:40000", claims};
    client.allocate();
    hold(node, made.at(which));
    CHECK(node.server.allocations() == 1);
    CHECK(client.ask(method::refresh, {}).code() == success);
}

TEST_CASE("a drained credential begins nothing and ends nothing", "[overrides]") {
    world node;
    const auto claims = node.claims();
    auto made = about(claims, override_kind::revoke);
    made.sessions = live_sessions_rule::drain;
    test_client client{node, "198.51.100.7:40000", claims};
    client.allocate();
    hold(node, made);
    CHECK(client.ask(method::refresh, {}).code() == success);
    test_client again{node, "198.51.100.7:40001", claims};
    again.credential = client.credential;
    CHECK(again.ask(method::allocate, {udp()}).code() == 401);
}

TEST_CASE("an extended credential goes on and begins under the same username and password", "[overrides]") {
    world node;
    auto claims = node.claims();
    claims.expires_at = claims.issued_at + 60s;
    claims.sessions_end_at = claims.issued_at + 120s;
    claims.expiry = credential::on_expiry::disconnect;
    test_client client{node, "198.51.100.7:40000", claims};
    client.allocate();
    auto made = about(claims, override_kind::extend);
    made.expires_at = claims.issued_at + 600s;
    made.sessions_end_at = claims.issued_at + 700s;
    hold(node, made);

    node.pass(80s);
    CHECK(client.ask(method::refresh, {}).lifetime() > 500s);
    test_client second{node, "198.51.100.7:40001", claims};
    second.credential = client.credential;
    CHECK(second.ask(method::allocate, {udp()}).code() == success);
    node.pass(551s);
    CHECK(client.ask(method::refresh, {}).code() == 437);
    CHECK(node.server.allocations() == 0);
}

TEST_CASE("a shorter term ends a session as soon as it says", "[overrides]") {
    world node;
    const auto claims = node.claims();
    test_client client{node, "198.51.100.7:40000", claims};
    client.allocate();
    auto made = about(claims, override_kind::extend);
    made.sessions_end_at = claims.issued_at + 20s;
    hold(node, made);
    node.pass(49s);
    CHECK(node.server.allocations() == 1);
    node.pass(4s);
    const auto ended = node.observer.all<session_ended>();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].reason == end_reason::credential_ended);
}

TEST_CASE("a session is ended by its id, and described with exact counters", "[sessions]") {
    world node;
    const auto claims = named_claims(node);
    test_client client{node, "198.51.100.7:40000", claims};
    const auto relayed = client.allocate();
    REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    node.pass(5s);
    static_cast<void>(client.send_channel_data(0x4000, "hello"));
    node.pass(5s);

    std::vector<contract::live_session> all;
    node.server.describe(node.now, all);
    REQUIRE(all.size() == 1);
    CHECK(*all[0].claims == claims);
    CHECK(all[0].client == client.path.client);
    CHECK(all[0].relayed == relayed);
    CHECK(all[0].started_at == node.now.wall - 10s);
    CHECK(all[0].last_activity_at == node.now.wall - 5s);
    CHECK(all[0].peers == std::vector{ip("9.9.9.9")});
    CHECK(all[0].traffic.uplink_packets == 1);
    CHECK(all[0].traffic.uplink_bytes == 5);

    CHECK_FALSE(node.server.end(node.now, session_id::random(), end_reason::terminated));
    CHECK(node.server.end(node.now, all[0].id, end_reason::terminated));
    CHECK(node.observer.all<session_ended>().at(0).reason == end_reason::terminated);
}
