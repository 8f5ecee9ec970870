#include "relay/turn/path_index.hpp"

#include "tests/relay/turn/addresses.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <random>
#include <set>
#include <utility>
#include <vector>

using namespace turnix;
using namespace turnix::turn_test;

namespace {

/// Does the index find exactly this?
bool finds(const turn::path_index& index, std::uint32_t hash, std::uint32_t slot) {
    return index.find(hash, [&](std::uint32_t each) { return each == slot; }) == slot;
}

}  // namespace

TEST_CASE("the index of paths finds what was inserted and not erased, however hashes collide",
          "[path_index]") {
    // From all alike to all different; those near UINT32_MAX wrap around at the end of the table.
    for (const std::uint32_t hashes : {1U, 3U, 64U, 100'000U}) {
        std::mt19937 random{hashes};
        const auto drawn_hash = [&] { return UINT32_MAX - static_cast<std::uint32_t>(random()) % hashes; };
        turn::path_index index;
        std::set<std::pair<std::uint32_t, std::uint32_t>> kept;
        std::set<std::pair<std::uint32_t, std::uint32_t>> gone;
        for (std::uint32_t step = 0; step < 2'000; ++step) {
            const std::pair entry{drawn_hash(), static_cast<std::uint32_t>(random()) % 500};
            if (kept.insert(entry).second) {
                index.insert(entry.first, entry.second);
                gone.erase(entry);
            } else {
                index.erase(entry.first, entry.second);
                kept.erase(entry);
                gone.insert(entry);
            }
            if (step % 100 != 0) continue;
            for (const auto& [hash, slot] : kept) REQUIRE(finds(index, hash, slot));
            for (const auto& [hash, slot] : gone) REQUIRE_FALSE(finds(index, hash, slot));
        }
    }
}

TEST_CASE("to erase what is not in the index of paths changes nothing", "[path_index]") {
    turn::path_index index;
    index.insert(7, 1);
    index.erase(7, 2);
    index.erase(8, 1);
    CHECK(finds(index, 7, 1));
}

TEST_CASE("every part of a 5-tuple but the server's address counts in its hash", "[path_index]") {
    const turn::client_path path{.client = at("198.51.100.7:40000"), .server = at("192.0.2.1:3478")};
    auto other_port = path;
    other_port.client.port = 40001;
    auto other_address = path;
    other_address.client = at("198.51.100.8:40000");
    auto other_listener = path;
    other_listener.server.port = 3479;
    auto other_transport = path;
    other_transport.transport = net::transport::tcp;
    std::set<std::uint32_t> hashes;
    for (const auto& each : {path, other_port, other_address, other_listener, other_transport}) {
        hashes.insert(turn::path_index::hash_of(each));
    }
    CHECK(hashes.size() == 5);
}
