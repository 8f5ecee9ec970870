// The protocol core under conversations of several clients, each step of which the input chooses.

#include "tests/fuzz/target.hpp"
#include "tests/relay/turn/conversation.hpp"

#include <algorithm>

namespace turnix::fuzz {

void run(std::span<const std::byte> input) {
    // Longer conversations find nothing more, and take their time.
    input = input.first(std::min(input.size(), std::size_t{512}));
    turn_test::world node{[](contract::relay_settings& settings) { settings.tcp_relay.enabled = true; }};
    turn_test::conversation talk{node, [&](std::uint32_t bound) {
                                     if (input.empty()) return std::uint32_t{0};
                                     const auto chosen = std::to_integer<std::uint32_t>(input.front());
                                     input = input.subspan(1);
                                     return chosen % bound;
                                 }};
    while (!input.empty()) talk.step();
    talk.end();
}

}  // namespace turnix::fuzz
