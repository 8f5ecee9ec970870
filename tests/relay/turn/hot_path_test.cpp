// The hot path takes no memory.

#include "tests/counted_allocations.hpp"
#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::turn_test;

TEST_CASE("relaying allocates nothing, in either direction and in either form", "[hot_path]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    const auto channel_message = bytes_of({"\x40\x00\x00\x05hello", 9});
    const auto peer_of_channel = at("9.9.9.9:7");
    const auto peer_without = at("9.9.9.9:8");
    const auto stranger = at("9.9.9.8:8");
    int relayed = 0;

    const auto before = test::allocations_made();
    for (int i = 0; i < 1000; ++i) {
        const auto up = node.server.on_client(node.now, client.path, channel_message);
        relayed += std::holds_alternative<turn::to_peer>(up) ? 1 : 0;
        relayed += node.server.on_peer(node.now, {0}, peer_of_channel, channel_message) ? 1 : 0;
        relayed += node.server.on_peer(node.now, {0}, peer_without, channel_message) ? 1 : 0;
        relayed += node.server.on_peer(node.now, {0}, stranger, channel_message) ? 1 : 0;
    }
    CHECK(test::allocations_made() == before);
    CHECK(relayed == 3000);
    static_cast<void>(bytes_of("counted"));
    CHECK(test::allocations_made() > before);
}
