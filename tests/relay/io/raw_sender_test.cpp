#include "relay/io/raw_sender.hpp"

#include "tests/relay/io/engine_under_test.hpp"
#include "tests/relay/io/network_namespace.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

using namespace turnix;
using test::address;

TEST_CASE("a datagram that is too large is told of the link's MTU as it is, whatever was sent with it",
          "[io][steering]") {
    const test::network_namespace own{1'500};
    if (!own.is_entered()) {
        WARN("skipped: a network namespace needs CAP_SYS_ADMIN");
        return;
    }
    io::datagram_counters counters;
    io::raw_sender sender{address("127.0.0.1"), counters};
    const std::vector<std::byte> small(100);
    const std::vector<std::byte> large(4'000);
    const auto mtu_seen = [&]() -> std::optional<std::uint32_t> {
        for (const auto* payload : {&small, &large, &small}) {
            sender.add({.what = {.from = {}, .peer = {address("127.0.0.1"), 9}, .payload = *payload},
                        .source_port = 50'000});
        }
        sender.flush();
        if (sender.oversized().size() != 1) return std::nullopt;
        const auto mtu = sender.oversized().front().mtu;
        sender.clear_oversized();
        return mtu;
    };
    for (const std::uint32_t mtu : {1'500U, 1'400U, 1'300U}) {
        own.change_mtu(static_cast<int>(mtu));
        CHECK(mtu_seen() == mtu);
    }
}
