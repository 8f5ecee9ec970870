#include "relay/turn/allocation_table.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <span>

using namespace turnix;

namespace {

/// How many bytes of the allocation there are up to the end of that member.
template <class Member>
std::ptrdiff_t bytes_up_to(const turn::allocation& of, const Member& member) {
    return std::as_bytes(std::span{&member, 1}).data() + sizeof member -
           std::as_bytes(std::span{&of, 1}).data();
}

}  // namespace

TEST_CASE("what is fetched ahead of an allocation is what a datagram needs", "[allocation_table]") {
    const auto session = std::make_unique<turn::allocation>();
    const auto needed =
        std::max({bytes_up_to(*session, session->path), bytes_up_to(*session, session->mobile),
                  bytes_up_to(*session, session->connections), bytes_up_to(*session, session->peers),
                  bytes_up_to(*session, session->relays), bytes_up_to(*session, session->scope),
                  bytes_up_to(*session, session->allowance), bytes_up_to(*session, session->traffic),
                  bytes_up_to(*session, session->last_activity)});
    CHECK(needed == turn::allocation::hot_bytes);
}

TEST_CASE("paths and ports without an allocation may be fetched ahead too", "[allocation_table]") {
    turn::allocation_table table{4};
    const std::vector<turn::client_path> paths(turn::fetched_ahead_max);
    const std::vector<turn::relay_handle> ports(turn::fetched_ahead_max, {.index = 7});
    table.fetch_ahead(paths);
    table.fetch_ahead(ports);
    CHECK(table.find(paths.front()) == nullptr);
    CHECK(table.find(ports.front()) == nullptr);
}
