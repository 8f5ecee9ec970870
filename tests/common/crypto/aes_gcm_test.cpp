#include "common/crypto/aes_gcm.hpp"

#include "tests/common/crypto/hex.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <vector>

using namespace turnix;
using namespace turnix::crypto;

namespace {

struct sealed_text {
    std::array<std::byte, 32> key{};
    std::vector<std::byte> associated{std::byte{1}, std::byte{2}};
    std::vector<std::byte> sealed = std::vector<std::byte>(16 + aes_gcm::tag_bytes);
    std::array<std::byte, 16> plain{};

    sealed_text() { aes_gcm{key}.seal({.counter = 7, .associated = associated}, plain, sealed); }
    bool opens(std::uint64_t counter = 7) {
        std::array<std::byte, 16> opened{std::byte{9}};
        return aes_gcm{key}.open({.counter = counter, .associated = associated}, sealed, opened) &&
               opened == plain;
    }
};

}  // namespace

TEST_CASE("AES-256-GCM gives what the GCM specification lists for a key and nonce of zeros", "[crypto]") {
    aes_gcm cipher{std::array<std::byte, 32>{}};
    std::vector<std::byte> sealed(32);
    cipher.seal({.counter = 0, .associated = {}}, std::array<std::byte, 16>{}, sealed);
    CHECK(sealed == test::hex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"));
    std::vector<std::byte> nothing(16);
    cipher.seal({.counter = 0, .associated = {}}, {}, nothing);
    CHECK(nothing == test::hex("530f8afbc74536b9a963b4f1c4cb738b"));
}

TEST_CASE("what is sealed opens under the same key, counter and associated data only", "[crypto]") {
    sealed_text text;
    CHECK(text.opens());
    SECTION("another counter") { CHECK_FALSE(text.opens(8)); }
    SECTION("other associated data") {
        text.associated[0] ^= std::byte{1};
        CHECK_FALSE(text.opens());
    }
    SECTION("another key") {
        text.key[31] = std::byte{1};
        CHECK_FALSE(text.opens());
    }
    SECTION("any bit of ciphertext or tag") {
        for (auto& byte : text.sealed) {
            byte ^= std::byte{0x10};
            CHECK_FALSE(text.opens());
            byte ^= std::byte{0x10};
        }
    }
    SECTION("too short for a tag") {
        CHECK_FALSE(aes_gcm{text.key}.open({}, std::vector<std::byte>(aes_gcm::tag_bytes - 1), {}));
    }
}
