// The canonical form of an address agrees with an oracle on strings of bits, with and without a NAT64 prefix.
#include "relay/turn/canonical.hpp"

#include "tests/fuzz/target.hpp"
#include "tests/relay/turn/canonical_oracle.hpp"

#include <algorithm>
#include <optional>

void turnix::fuzz::run(std::span<const std::byte> input) {
    net::address::v6_bytes bytes{};
    const auto used = input.first(std::min(input.size(), bytes.size()));
    std::ranges::copy(used, std::as_writable_bytes(std::span{bytes}).begin());
    const net::address written{bytes};

    for (const auto& nat64 :
         {std::optional<net::cidr>{}, std::optional{net::cidr::parse("2a00:64::/96").value()}}) {
        const auto reduced = turn::canonical(written, nat64);
        expect(reduced == turn_test::canonical_oracle(written, nat64));
        expect(turn::canonical(reduced.address, nat64).address == reduced.address);
    }
}
