#include "common/crypto/ed25519.hpp"

#include "tests/common/crypto/hex.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace turnix;
using namespace turnix::crypto;

namespace {

secret<32> seed_of(const char* hex) {
    secret<32> seed;
    std::ranges::copy(test::hex(hex), std::as_writable_bytes(seed.writable_bytes()).begin());
    return seed;
}

std::vector<std::byte> bytes_of(const auto& from) { return {from.begin(), from.end()}; }

}  // namespace

TEST_CASE("Ed25519 gives the keys and signatures of RFC 8032", "[crypto]") {
    struct row {
        const char* seed;
        const char* public_key;
        const char* message;
        const char* signature;
    };
    const auto rows = std::to_array<row>({
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
         "d25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
         "387b2eaeb4302aeeb00d291612bb0c00"},
    });
    for (const auto& [seed, public_key, message, signature] : rows) {
        const ed25519_key key{seed_of(seed)};
        CHECK(bytes_of(key.public_key()) == test::hex(public_key));
        const auto made = key.sign(test::hex(message));
        CHECK(bytes_of(made) == test::hex(signature));
        CHECK(ed25519_verify(key.public_key(), test::hex(message), made));
    }
}

TEST_CASE("a signature holds for its message and key only", "[crypto]") {
    const ed25519_key key{secret<32>{}};
    const auto message = test::hex("0102");
    auto signature = key.sign(message);
    CHECK(ed25519_verify(key.public_key(), message, signature));
    CHECK_FALSE(ed25519_verify(key.public_key(), test::hex("0103"), signature));
    CHECK_FALSE(ed25519_verify(ed25519_public_key{}, message, signature));
    CHECK_FALSE(ed25519_verify(key.public_key(), message, std::span{signature}.first(63)));
    signature[5] ^= std::byte{1};
    CHECK_FALSE(ed25519_verify(key.public_key(), message, signature));
}
