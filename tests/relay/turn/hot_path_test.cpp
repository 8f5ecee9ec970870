// The hot path takes no memory: every allocation of this program is counted here.

#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <new>

using namespace turnix;
using namespace turnix::turn_test;

namespace {

thread_local std::size_t allocations_made = 0;

}  // namespace

void* operator new(std::size_t size) {
    ++allocations_made;
    if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc{};
}
// Else AddressSanitizer's own would pair with the delete below.
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
    ++allocations_made;
    return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

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

    const auto before = allocations_made;
    for (int i = 0; i < 1000; ++i) {
        const auto up = node.server.on_client(node.now, client.path, channel_message);
        relayed += std::holds_alternative<turn::to_peer>(up) ? 1 : 0;
        relayed += node.server.on_peer(node.now, {0}, peer_of_channel, channel_message) ? 1 : 0;
        relayed += node.server.on_peer(node.now, {0}, peer_without, channel_message) ? 1 : 0;
        relayed += node.server.on_peer(node.now, {0}, stranger, channel_message) ? 1 : 0;
    }
    CHECK(allocations_made == before);
    CHECK(relayed == 3000);
    static_cast<void>(bytes_of("counted"));
    CHECK(allocations_made > before);
}
