#include "common/credential/claims_codec.hpp"

#include "tests/common/credential/examples.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

using namespace turnix;
using namespace turnix::credential;

namespace {

std::vector<std::byte> encoded(const claims& what) {
    claims_buffer buffer;
    const auto written = encode(what, buffer).value();
    return {written.begin(), written.end()};
}

struct fault {
    const char* what;
    void (*make)(claims&);
};

}  // namespace

TEST_CASE("claims survive their encoding", "[credential]") {
    tests::claims_generator generator{20260106};
    for (int round = 0; round < 5'000; ++round) {
        const auto original = generator.next();
        REQUIRE(decode(encoded(original)) == original);
    }
}

TEST_CASE("the sizes at both ends are those that are announced", "[credential]") {
    CHECK(encoded({}).size() == claims_bytes_min);
    CHECK(encoded(tests::longest_claims()).size() == claims_bytes_max);
    CHECK(decode(encoded(tests::longest_claims())) == tests::longest_claims());
}

TEST_CASE("claims without a packet rate are what they were before there was one", "[credential]") {
    claims what;
    what.limits = {.bitrate_bps_max = 1, .bytes_max = 2, .allocations_max = 3};
    const auto before = encoded(what);
    CHECK(before.size() == claims_bytes_min + 18);
    CHECK(before[1] == std::byte{0x01});  // of the transports

    what.limits.packets_per_second_max = 0x01020304;
    auto after = encoded(what);
    after[1] &= ~std::byte{0x04};
    const std::array added{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
    REQUIRE(std::ranges::equal(std::span{after}.last(4), added));
    after.resize(after.size() - added.size());
    CHECK(after == before);
}

TEST_CASE("claims out of their bounds are not encoded", "[credential]") {
    const auto faults = std::vector<fault>{
        {"room too long", [](claims& what) { what.room = std::string(101, 'a'); }},
        {"room with a space", [](claims& what) { what.room = "a b"; }},
        {"room with a letter beyond ASCII", [](claims& what) { what.room = "caf\xc3\xa9"; }},
        {"initiator with a NUL", [](claims& what) { what.initiator_client = std::string(1, '\0'); }},
        {"receiver with a dot", [](claims& what) { what.receiver_client = "a.b"; }},
        {"region in upper case", [](claims& what) { what.region = "EU"; }},
        {"region too long", [](claims& what) { what.region = std::string(33, 'a'); }},
        {"issued before 1970", [](claims& what) { what.issued_at -= std::chrono::seconds{1}; }},
        {"expires after 2^40 s",
         [](claims& what) { what.expires_at += std::chrono::seconds{std::int64_t{1} << 40}; }},
        {"a fifth transport", [](claims& what) { what.transports.bits = 0x10; }},
        {"no such role", [](claims& what) { what.role = static_cast<party>(3); }},
        {"no such scope", [](claims& what) { what.scope = static_cast<peer_scope>(4); }},
    };
    for (const auto& [what, make] : faults) {
        DYNAMIC_SECTION(what) {
            claims broken;
            make(broken);
            claims_buffer buffer;
            CHECK_FALSE(encode(broken, buffer).has_value());
        }
    }
}

TEST_CASE("only what encode makes decodes", "[credential]") {
    tests::claims_generator generator{7};
    std::size_t decoded = 0;
    for (int round = 0; round < 20'000; ++round) {
        auto bytes = encoded(generator.next());
        bytes[generator.below(bytes.size())] ^= static_cast<std::byte>(1U << generator.below(8));
        const auto read = decode(bytes);
        if (!read) continue;
        ++decoded;
        REQUIRE(encoded(*read) == bytes);
    }
    CHECK(decoded > 1'000);
}

TEST_CASE("truncated or lengthened claims do not decode", "[credential]") {
    auto bytes = encoded(tests::longest_claims());
    for (std::size_t kept = 0; kept < bytes.size(); ++kept)
        REQUIRE_FALSE(decode(std::span{bytes}.first(kept)).has_value());
    bytes.push_back(std::byte{0});
    CHECK_FALSE(decode(bytes).has_value());
}

TEST_CASE("a second encoding of the same claims does not decode", "[credential]") {
    claims one_name;
    one_name.room = "a";
    SECTION("set padding after a packed name") {
        auto bytes = encoded(one_name);
        bytes.back() |= std::byte{1};
        CHECK_FALSE(decode(bytes).has_value());
    }
    SECTION("a name that is present and empty") {
        auto bytes = encoded({});
        bytes.front() = std::byte{0x01};
        bytes.push_back(std::byte{0});
        CHECK_FALSE(decode(bytes).has_value());
    }
    SECTION("a limit that is present and zero") {
        auto bytes = encoded({});
        bytes.front() = std::byte{0x40};
        bytes.resize(bytes.size() + 2);
        CHECK_FALSE(decode(bytes).has_value());
    }
    SECTION("a packet rate that is present and zero") {
        auto bytes = encoded({});
        bytes[1] |= std::byte{0x04};
        bytes.resize(bytes.size() + 4);
        CHECK_FALSE(decode(bytes).has_value());
    }
    SECTION("a reserved option") {
        const auto bit = GENERATE(0x08, 0x80);
        auto bytes = encoded({});
        bytes[1] |= static_cast<std::byte>(bit);
        CHECK_FALSE(decode(bytes).has_value());
    }
    SECTION("the family of an address that is absent") {
        auto bytes = encoded({});
        bytes[1] |= std::byte{0x02};
        CHECK_FALSE(decode(bytes).has_value());
    }
    SECTION("a region in a room's alphabet") {
        claims upper_case;
        upper_case.room = "EU";
        auto bytes = encoded(upper_case);
        bytes.front() = std::byte{0x08};
        CHECK_FALSE(decode(bytes).has_value());
    }
}
