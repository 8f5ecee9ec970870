// Whatever a node of the fleet says to another: it is read as one message or not at all, and what was read is
// written as it came.
#include "api/fleet/gossip/message.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>

void turnix::fuzz::run(std::span<const std::byte> input) {
    const auto read = gossip::read_message(input);
    if (read) expect(std::ranges::equal(gossip::write_message(*read), input));
}
