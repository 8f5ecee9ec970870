// Credentials: bytes that decode are the only encoding of their claims, and no text opens that was not
// issued.
#include "common/credential/claims_codec.hpp"
#include "common/credential/credential_reference.hpp"
#include "common/credential/sealed_credential.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <memory>
#include <string>

using namespace turnix;
using fuzz::expect;

namespace {

constexpr auto now = wall_time{std::chrono::hours{500'000}};

const auto ring = std::make_shared<const credential::key_ring>(
    credential::key_ring::generate({.monotonic = {}, .wall = now}, std::chrono::days{1}));

}  // namespace

void turnix::fuzz::run(std::span<const std::byte> input) {
    static credential::credential_sealer sealer{ring, "turnix"};
    const auto claims = credential::decode(input);
    if (claims) {
        credential::claims_buffer buffer;
        const auto encoded = credential::encode(*claims, buffer);
        expect(encoded.has_value() && std::ranges::equal(*encoded, input));
        const auto issued = sealer.issue(*claims, now).value();
        const auto opened = sealer.open(issued.username, now).value();
        expect(opened.claims == *claims && opened.password == issued.password);
    }
    std::string text(input.size(), '\0');
    std::ranges::copy(input, std::as_writable_bytes(std::span{text}).begin());
    expect(sealer.open(text, now).has_error());
    expect(!credential::credential_reference::open(text, *ring).has_value());
}
