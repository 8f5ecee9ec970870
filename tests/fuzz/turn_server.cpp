// The protocol core under conversations of several clients, each step of which the input chooses.

#include "tests/fuzz/target.hpp"
#include "tests/relay/turn/conversation.hpp"

#include <algorithm>
#include <chrono>
#include <memory>

namespace turnix::fuzz {

namespace {

/// To make a node takes longer than a conversation does: one serves for many, each of which leaves it empty.
turn_test::world& empty_node() {
    constexpr int conversations_max = 1'000;
    static std::unique_ptr<turn_test::world> node;
    static int conversations = 0;
    if (!node || ++conversations == conversations_max) {
        conversations = 0;
        node = std::make_unique<turn_test::world>(
            [](contract::relay_settings& settings) { settings.tcp_relay.enabled = true; });
    }
    node->jump(std::chrono::hours{1});  // reservations end, and budgets are whole again
    return *node;
}

}  // namespace

void run(std::span<const std::byte> input) {
    // Longer conversations find nothing more, and take their time.
    input = input.first(std::min(input.size(), std::size_t{512}));
    turn_test::conversation talk{empty_node(), [&](std::uint32_t bound) {
                                     if (input.empty()) return std::uint32_t{0};
                                     const auto chosen = std::to_integer<std::uint32_t>(input.front());
                                     input = input.subspan(1);
                                     return chosen % bound;
                                 }};
    while (!input.empty()) talk.step();
    talk.end();
}

}  // namespace turnix::fuzz
