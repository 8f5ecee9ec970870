#include "relay/turn/nonce.hpp"

#include "tests/relay/turn/addresses.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace turnix;
using namespace turnix::turn;
using namespace turnix::turn_test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
// In the middle of a slot.
const monotonic_time now{1000h + 30min};

nonce_authority authority(std::uint8_t key_byte = 1) {
    crypto::secret<32> key;
    for (auto& byte : key.writable_bytes()) byte = key_byte;
    return nonce_authority{key, 1h};
}

std::string issued(const nonce_authority& from, const net::endpoint& client) {
    const auto text = from.issue(client, now);
    return {text.begin(), text.end()};
}

}  // namespace

TEST_CASE("RFC 8489 9.2: a nonce is the cookie with the feature bits and 24 printable characters",
          "[nonce]") {
    const auto nonce = issued(authority(), at("[2001:db8::1]:50000"));
    CHECK(nonce.size() == 37);
    CHECK(nonce.starts_with("obMatJos2AAAB"));
    CHECK(nonce.find_first_not_of(alphabet) == std::string::npos);
}

TEST_CASE("RFC 8489 9.2: a nonce is fresh in its own slot and the next one, and stale ever after",
          "[nonce]") {
    const auto client = at("192.0.2.1:50000");
    const auto ours = authority();
    const auto nonce = issued(ours, client);
    const auto [age, expected] = GENERATE(table<std::chrono::minutes, nonce_verdict>({
        {0min, nonce_verdict::fresh},
        {60min, nonce_verdict::fresh},
        {89min, nonce_verdict::fresh},
        {90min, nonce_verdict::stale},
        {24h, nonce_verdict::stale},
        {24h * 365, nonce_verdict::stale},
    }));
    INFO(age.count() << " minutes");
    CHECK(ours.judge(nonce, client, now + age) == expected);
}

TEST_CASE("RFC 8489 9.2: a nonce is good for the address and port it was issued to only", "[nonce]") {
    const auto ours = authority();
    const auto nonce = issued(ours, at("192.0.2.1:50000"));
    const auto* const other =
        GENERATE("192.0.2.1:50001", "192.0.2.2:50000", "[::ffff:192.0.2.1]:50000", "[c000:201::]:50000");
    CHECK(ours.judge(nonce, at(other), now) == nonce_verdict::invalid);
}

TEST_CASE("RFC 8489 9.2: another secret's nonce is invalid", "[nonce]") {
    const auto client = at("192.0.2.1:50000");
    CHECK(authority(1).judge(issued(authority(2), client), client, now) == nonce_verdict::invalid);
}

TEST_CASE("RFC 8489 9.2: a nonce of a slot that has not begun is invalid", "[nonce]") {
    const auto client = at("192.0.2.1:50000");
    CHECK(authority().judge(issued(authority(), client), client, now - 1h) == nonce_verdict::invalid);
}

TEST_CASE("RFC 8489 9.2: a nonce with any character changed is invalid", "[nonce]") {
    const auto client = at("192.0.2.1:50000");
    const auto ours = authority();
    const auto nonce = issued(ours, client);
    for (std::size_t place = 0; place < nonce.size(); ++place) {
        for (const auto character : alphabet) {
            if (nonce[place] == character) continue;
            auto changed = nonce;
            changed[place] = character;
            INFO(changed);
            CHECK(ours.judge(changed, client, now) == nonce_verdict::invalid);
        }
    }
}

TEST_CASE("RFC 8489 9.2: what no nonce can look like is invalid", "[nonce]") {
    const auto client = at("192.0.2.1:50000");
    const auto ours = authority();
    const auto nonce = issued(ours, client);
    for (const auto& wrong :
         {std::string{}, nonce.substr(1), nonce.substr(13), "obMatJos2AAAA" + nonce.substr(13), nonce + "A",
          nonce + nonce, std::string(37, '\0'), std::string(37, '='), "%s%x%n" + nonce.substr(6),
          std::string(763, 'A')}) {
        CHECK(ours.judge(wrong, client, now) == nonce_verdict::invalid);
    }
}
