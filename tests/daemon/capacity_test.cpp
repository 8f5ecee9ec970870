#include "daemon/capacity.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::daemon;

namespace {

constexpr machine_room large{.descriptors = 1'048'576, .memory_bytes = std::uint64_t{64} << 30U};

}  // namespace

TEST_CASE("a node takes as many sessions as its scarcest resource allows, and says which that is",
          "[daemon]") {
    config::settings settings;
    settings.api.connections_max = 1'024;
    CHECK(capacity_of(settings, large).sessions == 10'000);
    CHECK(capacity_of(settings, large).reason == "relay.limits.sessions_max");

    auto room = large;
    room.descriptors = 1'024;  // less 64 for the rest and 128 for the API, two a session
    CHECK(capacity_of(settings, room).sessions == 416);
    CHECK(capacity_of(settings, room).reason == "1024 descriptors (LimitNOFILE, ulimit -n)");
    CHECK(capacity_of(settings, room).api_connections == 128);
    CHECK(capacity_of(settings, large).api_connections == 1'024);

    room = large;
    room.memory_bytes = std::uint64_t{512} << 20U;
    CHECK(capacity_of(settings, room).sessions == 4'096);
    CHECK(capacity_of(settings, room).reason == "512 MiB of memory");

    room.memory_bytes = 0;  // nobody can say
    CHECK(capacity_of(settings, room).sessions == 10'000);

    settings.relay.ports = {.first = 50'000, .last = 50'099};
    CHECK(capacity_of(settings, large).sessions == 100);
    CHECK(capacity_of(settings, large).reason == "relay.ports");
    settings.relay.addresses.resize(2);
    CHECK(capacity_of(settings, large).sessions == 200);
}

TEST_CASE("a node without room still takes one session", "[daemon]") {
    CHECK(capacity_of({}, {.descriptors = 10, .memory_bytes = 0}).sessions == 1);
}
