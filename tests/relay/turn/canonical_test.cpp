#include "relay/turn/canonical.hpp"

#include "tests/relay/turn/canonical_oracle.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <random>

using namespace turnix;
using namespace turnix::turn;
using namespace turnix::turn_test;

namespace {

const auto own_nat64 = net::cidr::parse("2001:db8:64::/96").value();

// An address near the borders of the forms: the start of one of them, the rest at random, a few bits flipped.
std::string bits_near_a_border(std::mt19937_64& random) {
    static const std::array starts{
        bits_of(ip("::")),
        bits_of(ip("::ffff:0:0")),
        bits_of(ip("::ffff:0:0:0")),
        bits_of(ip("64:ff9b::")),
        bits_of(ip("64:ff9b:1::")),
        bits_of(ip("2002::")),
        bits_of(ip("2001::")),
        bits_of(ip("2a00::5efe:0:0")),
        bits_of(ip("fe80::200:5efe:0:0")),
        bits_of(ip("2001:db8:64::")),
    };
    static constexpr std::array<std::size_t, 8> lengths{0, 16, 32, 48, 95, 96, 97, 128};
    auto bits = starts[random() % starts.size()];
    for (auto i = lengths[random() % lengths.size()]; i < bits.size(); ++i)
        bits[i] = random() % 2 == 0 ? '0' : '1';
    for (auto flips = random() % 3; flips > 0; --flips) bits[random() % bits.size()] ^= '0' ^ '1';
    return bits;
}

}  // namespace

TEST_CASE("every IPv6 form that holds an IPv4 address is reduced to it", "[policy]") {
    const auto [written, inside, form] = GENERATE(table<const char*, const char*, embedding>({
        {"192.0.2.1", "192.0.2.1", embedding::none},
        {"2a00:1450::1", "2a00:1450::1", embedding::none},
        {"::", "::", embedding::none},
        {"::1", "::1", embedding::none},
        {"::2", "0.0.0.2", embedding::compatible},
        {"::127.0.0.1", "127.0.0.1", embedding::compatible},
        {"::ffff:127.0.0.1", "127.0.0.1", embedding::mapped},
        {"::ffff:0:127.0.0.1", "127.0.0.1", embedding::translated},
        {"64:ff9b::10.1.2.3", "10.1.2.3", embedding::nat64_well_known},
        {"64:ff9b:1:0a01:0002:0300::", "10.1.2.3", embedding::nat64_local},
        {"2002:a01:203::1", "10.1.2.3", embedding::six_to_four},
        {"2001:0:4136:e378:8000:63bf:3fff:fdd2", "192.0.2.45", embedding::teredo},
        {"2a00:1450::5efe:10.1.2.3", "10.1.2.3", embedding::isatap},
        {"2a00:1450::200:5efe:10.1.2.3", "10.1.2.3", embedding::isatap},
        {"2a00:1450::100:5efe:10.1.2.3", "2a00:1450::100:5efe:a01:203", embedding::none},
        {"fe80::5efe:10.1.2.3", "10.1.2.3", embedding::isatap},
        {"2001:db8:64::10.1.2.3", "10.1.2.3", embedding::nat64_configured},
        {"2001:db8:64::1:10.1.2.3", "2001:db8:64::1:a01:203", embedding::none},
    }));
    INFO(written);
    CHECK(canonical(ip(written), own_nat64) == canonical_address{.address = ip(inside), .form = form});
}

TEST_CASE("the network's NAT64 prefix goes before the form it has otherwise", "[policy]") {
    const auto well_known = net::cidr::parse("64:ff9b::/96").value();
    CHECK(canonical(ip("64:ff9b::10.1.2.3"), well_known).form == embedding::nat64_configured);
    CHECK(canonical(ip("64:ff9b::10.1.2.3"), std::nullopt).form == embedding::nat64_well_known);
}

TEST_CASE("the canonical form agrees with an oracle that works on strings of bits", "[policy]") {
    std::mt19937_64 random{20'250'101};
    std::size_t holding_ipv4 = 0;
    for (int round = 0; round < 300'000; ++round) {
        const auto written = address_of(bits_near_a_border(random));
        const auto nat64 = round % 2 == 0 ? std::optional{own_nat64} : std::nullopt;
        const auto expected = canonical_oracle(written, nat64);
        if (canonical(written, nat64) != expected) FAIL(written.to_string());
        if (expected.form != embedding::none) ++holding_ipv4;
    }
    CHECK(holding_ipv4 > 80'000);
}
