#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::turn_test;
using credential::peer_scope;
using turn::drop_reason;

namespace {

constexpr const char* elsewhere = "9.9.9.9:7";
constexpr const char* bob_relayed = "203.0.113.10:50001";
constexpr const char* carol_relayed = "203.0.113.10:50002";
constexpr const char* bob_local = "192.0.2.10:50001";
constexpr const char* carol_local = "192.0.2.10:50002";

credential::claims claims_for(const world& node, const project_id& project, const char* room,
                              peer_scope scope = peer_scope::any) {
    auto claims = node.claims();
    claims.project = project;
    claims.room = room;
    claims.scope = scope;
    return claims;
}

// Alice and Bob in one room, Carol in another one.
struct call {
    explicit call(peer_scope scope, const char* carols_room = "attic")
        : alice{node, "198.51.100.7:40000", claims_for(node, project, "room", scope)},
          bob{node, "198.51.100.8:40000", claims_for(node, project, "room")},
          carol{node, "198.51.100.9:40000", claims_for(node, project, carols_room)} {
        alice.allocate();
        REQUIRE(bob.allocate() == at(bob_relayed));
        REQUIRE(carol.allocate() == at(carol_relayed));
    }
    bool reaches(const char* whom) {
        return std::holds_alternative<turn::to_peer>(alice.send_indication({peer(whom), data("x")}));
    }
    bool hears(const char* from) {
        return node.server.on_peer(node.now, {0}, at(from), bytes_of("x")).has_value();
    }

    world node;
    project_id project{project_id::random()};
    test_client alice;
    test_client bob;
    test_client carol;
};

}  // namespace

TEST_CASE("peer_scope relays: relay ports of the node are reached and heard, nothing else is", "[peers]") {
    call the{peer_scope::relays};
    CHECK(the.alice.permit(elsewhere).code() == 403);
    CHECK(the.alice.bind(0x4000, elsewhere).code() == 403);
    CHECK(the.alice.bind(0x4000, "203.0.113.10:50009").code() == 403);
    REQUIRE(the.alice.permit(bob_relayed).code() == success);
    CHECK(the.reaches(bob_relayed));
    CHECK(the.reaches(carol_relayed));
    CHECK(the.hears(bob_local));
    CHECK(the.hears(carol_local));
    CHECK_FALSE(the.reaches("203.0.113.10:50009"));
}

TEST_CASE("peer_scope room: relay ports of the same room are reached and heard, others are not", "[peers]") {
    call the{peer_scope::room};
    CHECK(the.alice.permit(elsewhere).code() == 403);
    CHECK(the.alice.bind(0x4000, carol_relayed).code() == 403);
    CHECK(the.alice.bind(0x4001, bob_relayed).code() == success);
    CHECK(the.reaches(bob_relayed));
    CHECK(the.hears(bob_local));
    CHECK_FALSE(the.reaches(carol_relayed));
    CHECK_FALSE(the.hears(carol_local));
    CHECK(the.node.drops(drop_reason::peer_denied) == 2);

    // A port belongs to a room for as long as its allocation lives.
    REQUIRE(the.bob.ask(method::refresh, {lifetime(0s)}).code() == success);
    CHECK_FALSE(the.reaches(bob_relayed));
}

TEST_CASE("peer_scope room: a room of another project has the same name only", "[peers]") {
    call the{peer_scope::room, "room"};
    REQUIRE(the.alice.permit(bob_relayed).code() == success);
    CHECK(the.reaches(carol_relayed));
    test_client dave{the.node, "198.51.100.10:40000", claims_for(the.node, project_id::random(), "room")};
    REQUIRE(dave.allocate() == at("203.0.113.10:50003"));
    CHECK_FALSE(the.reaches("203.0.113.10:50003"));
}
