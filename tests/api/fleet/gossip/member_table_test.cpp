#include "api/fleet/gossip/member_table.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace turnix;
using namespace turnix::gossip;

namespace {

known_node node(std::uint8_t which, std::uint16_t port = 7946) {
    const crypto::ed25519_key key{crypto::secret<32>{{which}}};
    return {key.public_key(), {.address = net::address{net::address::v4_bytes{192, 0, 2, 1}}, .port = port}};
}

}  // namespace

TEST_CASE("nodes that are added are members, those that were keep what is known of them", "[gossip]") {
    const auto self = node(1);
    member_table table{std::vector{self, node(2)}, self.id};
    const crypto::ed25519_key key{crypto::secret<32>{{2}}};
    node_record said;
    said.node = node(2).id;
    said.version.incarnation = 1;
    REQUIRE(table.learn(sign(said, key)));

    table.add(std::vector{node(3), self, node(2, 7947), node(4), node(5)});
    REQUIRE(table.members().size() == 4);
    CHECK(std::ranges::is_sorted(table.members(), {}, &member::id));
    CHECK(table.find(self.id) == nullptr);
    CHECK(table.find(said.node)->state() == node_state::alive);
    CHECK(table.find(said.node)->address.port == 7947);
    for (const auto which : {std::uint8_t{3}, std::uint8_t{4}, std::uint8_t{5}}) {
        REQUIRE(table.find(node(which).id) != nullptr);
        CHECK(table.find(node(which).id)->state() == node_state::unknown);
    }
    table.add({});
    CHECK(table.members().size() == 4);
}
