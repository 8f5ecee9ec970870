#include "common/credential/sealed_credential.hpp"

#include "common/credential/credential_reference.hpp"
#include "common/crypto/base64url.hpp"
#include "tests/common/credential/examples.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <vector>

using namespace turnix;
using namespace turnix::credential;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const key_ring> ring_at_noon() {
    return std::make_shared<const key_ring>(
        key_ring::generate({.monotonic = {}, .wall = tests::noon}, std::chrono::days{30}));
}

/// Two keys: number 1 of the first ten days, number 2 of ten days from the ninth on.
std::shared_ptr<const key_ring> ring_of_two() {
    const auto start = tests::noon.time_since_epoch().count();
    const auto entry = [](int number, std::int64_t from, char character) {
        return R"({"number":)" + std::to_string(number) + R"(,"not_before":)" + std::to_string(from) +
               R"(,"not_after":)" + std::to_string(from + 864'000) + R"(,"secret":")" +
               std::string(42, character) + R"(A"})";
    };
    return std::make_shared<const key_ring>(
        tests::ring_of(R"({"keys":[)" + entry(1, start, 'a') + "," + entry(2, start + 777'600, 'b') + "]}"));
}

std::vector<std::byte> raw_of(std::string_view username) {
    std::vector<std::byte> raw(username.size());
    raw.resize(crypto::base64url_decode(username, raw).value().size());
    return raw;
}

}  // namespace

TEST_CASE("a relay with the same ring and realm opens what was issued", "[credential]") {
    const auto ring = ring_at_noon();
    credential_sealer issuer{ring, "turnix"};
    credential_sealer relay{ring, "turnix"};
    tests::claims_generator generator{1};
    for (int round = 0; round < 2'000; ++round) {
        const auto claims = generator.next();
        const auto issued = issuer.issue(claims, tests::noon).value();
        const auto opened = relay.open(issued.username, tests::noon).value();
        REQUIRE(opened.claims == claims);
        REQUIRE(opened.password == issued.password);
        REQUIRE(issued.password.size() == 43);
    }
}

TEST_CASE("the longest credential fits a username of 508 characters", "[credential]") {
    credential_sealer sealer{ring_at_noon(), "turnix"};
    const auto issued = sealer.issue(tests::longest_claims(), tests::noon).value();
    CHECK(issued.username.size() <= username_bytes_max);
    CHECK(sealer.open(issued.username, tests::noon).value().claims == tests::longest_claims());
}

TEST_CASE("different claims have different passwords", "[credential]") {
    credential_sealer sealer{ring_at_noon(), "turnix"};
    tests::claims_generator generator{2};
    std::set<std::string> passwords;
    for (int round = 0; round < 100; ++round)
        passwords.insert(sealer.issue(generator.next(), tests::noon).value().password);
    CHECK(passwords.size() == 100);
}

TEST_CASE("no flipped bit and no changed character of a username opens", "[credential]") {
    credential_sealer sealer{ring_at_noon(), "turnix"};
    const auto username = sealer.issue(tests::claims_generator{3}.next(), tests::noon).value().username;
    SECTION("bits") {
        const auto raw = raw_of(username);
        for (std::size_t bit = 0; bit < 8 * raw.size(); ++bit) {
            auto changed = raw;
            changed[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
            REQUIRE(sealer.open(crypto::base64url_encode(changed), tests::noon).has_error());
        }
    }
    SECTION("characters") {
        for (std::size_t position = 0; position < username.size(); ++position) {
            for (const char character : std::string{"A_ =.\0\xff", 7}) {
                auto changed = username;
                changed[position] = character;
                if (changed != username) REQUIRE(sealer.open(changed, tests::noon).has_error());
            }
        }
    }
    SECTION("lengths") {
        for (std::size_t kept = 0; kept < username.size(); ++kept)
            REQUIRE(sealer.open(username.substr(0, kept), tests::noon).has_error());
        CHECK(sealer.open(username + "AAAA", tests::noon).has_error());
        CHECK(sealer.open(std::string(100'000, 'A'), tests::noon).error() == credential_error::malformed);
    }
}

TEST_CASE("a username of another alphabet, padding or second spelling is malformed", "[credential]") {
    credential_sealer sealer{ring_at_noon(), "turnix"};
    claims what;
    what.room = "a-room";  // 19 + 66 + 6 bytes: one unused character bit pattern at the end
    const auto username = sealer.issue(what, tests::noon).value().username;
    REQUIRE(username.size() % 4 != 0);
    constexpr std::string_view alphabet = tests::name_alphabet;
    auto second_spelling = username;
    second_spelling.back() = alphabet[alphabet.find(username.back()) + 1];
    for (const auto& text :
         {username + "=", username + "==", " " + username, username + "\n", second_spelling})
        CHECK(sealer.open(text, tests::noon).error() == credential_error::malformed);
}

TEST_CASE("a credential of another realm, ring or version does not open", "[credential]") {
    const auto ring = ring_at_noon();
    credential_sealer sealer{ring, "turnix"};
    const auto username = sealer.issue(tests::claims_generator{4}.next(), tests::noon).value().username;
    credential_sealer other_realm{ring, "turniy"};
    credential_sealer other_ring{ring_at_noon(), "turnix"};
    CHECK(other_realm.open(username, tests::noon).error() == credential_error::forged);
    CHECK(other_ring.open(username, tests::noon).error() == credential_error::forged);
    auto raw = raw_of(username);
    raw[0] = std::byte{2};
    CHECK(sealer.open(crypto::base64url_encode(raw), tests::noon).error() == credential_error::malformed);
}

TEST_CASE("a key opens within its dates only, give or take the clocks' tolerance", "[credential]") {
    credential_sealer sealer{ring_of_two(), "turnix"};
    const auto username = sealer.issue({}, tests::noon).value().username;
    const auto end = tests::noon + std::chrono::days{10};
    const auto opens = [&](wall_time when) { return sealer.open(username, when).has_value(); };
    CHECK(opens(tests::noon - clock_tolerance));
    CHECK(opens(end + clock_tolerance));
    CHECK(sealer.open(username, tests::noon - clock_tolerance - 1s).error() ==
          credential_error::key_not_valid);
    CHECK(sealer.open(username, end + clock_tolerance + 1s).error() == credential_error::key_not_valid);
}

TEST_CASE("the newest valid key seals; its predecessor goes on opening", "[credential]") {
    const auto ring = ring_of_two();
    credential_sealer sealer{ring, "turnix"};
    const auto first = sealer.issue({}, tests::noon).value().username;
    const auto overlap = tests::noon + std::chrono::days{9} + 1h;
    const auto second = sealer.issue({}, overlap).value().username;
    CHECK(raw_of(first)[2] == std::byte{1});
    CHECK(raw_of(second)[2] == std::byte{2});
    CHECK(sealer.open(first, overlap).has_value());
    CHECK(sealer.open(second, overlap).has_value());

    auto unknown = raw_of(first);
    unknown[2] = std::byte{3};
    CHECK(sealer.open(crypto::base64url_encode(unknown), tests::noon).error() ==
          credential_error::unknown_key);
}

TEST_CASE("nothing is issued without a valid key or with claims out of bounds", "[credential]") {
    credential_sealer sealer{ring_of_two(), "turnix"};
    CHECK(sealer.issue({}, tests::noon + std::chrono::days{60}).error() == issue_error::no_valid_key);
    CHECK(sealer.issue({}, tests::noon - 1s).error() == issue_error::no_valid_key);
    claims what;
    what.room = "a room";
    CHECK(sealer.issue(what, tests::noon).error() == issue_error::claims_invalid);
}

TEST_CASE("a credential's public id leads back to credential and project under any key", "[credential]") {
    const auto ring = ring_of_two();
    credential_sealer sealer{ring, "turnix"};
    const auto claims = tests::claims_generator{5}.next();
    const credential_reference reference{.id = claims.id, .project = claims.project};
    for (const auto when : {tests::noon, tests::noon + std::chrono::days{12}}) {
        const auto public_id = sealer.issue(claims, when).value().public_id;
        CHECK(credential_reference::open(public_id, *ring) == reference);
    }
}

TEST_CASE("a forged public id leads nowhere", "[credential]") {
    const auto ring = ring_at_noon();
    const credential_reference reference{.id = credential_id::random(), .project = project_id::random()};
    const auto text = reference.seal(ring->keys().front());
    REQUIRE(credential_reference::open(text, *ring) == reference);
    CHECK_FALSE(credential_reference::open(text, *ring_at_noon()).has_value());
    for (std::size_t position = 0; position < text.size(); ++position) {
        auto changed = text;
        changed[position] = changed[position] == 'A' ? 'B' : 'A';
        REQUIRE_FALSE(credential_reference::open(changed, *ring).has_value());
        REQUIRE_FALSE(credential_reference::open(text.substr(0, position), *ring).has_value());
    }
    CHECK_FALSE(credential_reference::open(text + "A", *ring).has_value());
}
