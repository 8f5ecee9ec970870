#include "common/crypto/digest.hpp"

#include "common/crypto/compare.hpp"
#include "common/crypto/hkdf.hpp"
#include "common/crypto/random.hpp"
#include "common/crypto/secret.hpp"
#include "tests/common/crypto/hex.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <string_view>

using namespace turnix;
using test::hex;

namespace {

std::span<const std::byte> text(std::string_view characters) { return std::as_bytes(std::span{characters}); }

template <std::size_t Size>
std::vector<std::byte> listed(const std::array<std::byte, Size>& bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("RFC 1321 A.5: MD5", "[crypto]") {
    CHECK(listed(crypto::md5({})) == hex("d41d8cd98f00b204e9800998ecf8427e"));
    CHECK(listed(crypto::md5({text("message "), text(""), text("digest")})) ==
          hex("f96b697d7cb7938d525a2f31aaf161d0"));
}

TEST_CASE("FIPS 180-4: SHA-256 of one part equals that of its pieces", "[crypto]") {
    const auto expected = hex("ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad");
    CHECK(listed(crypto::sha256({text("abc")})) == expected);
    CHECK(listed(crypto::sha256({text("a"), text("bc")})) == expected);
}

TEST_CASE("RFC 2202 and RFC 4231: HMAC", "[crypto]") {
    CHECK(listed(crypto::hmac_sha1(text("Jefe"), {text("what do ya want "), text("for nothing?")})) ==
          hex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
    CHECK(listed(crypto::hmac_sha256(text("Jefe"), {text("what do ya want for nothing?")})) ==
          hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
    const std::vector<std::byte> long_key(131, std::byte{0xaa});
    CHECK(listed(crypto::hmac_sha256(long_key,
                                     {text("Test Using Larger Than Block-Size Key - Hash Key First")})) ==
          hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
}

TEST_CASE("an empty key is a key, not the one before", "[crypto]") {
    const auto expected = hex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    CHECK(listed(crypto::hmac_sha256(text("another key"), {})) != expected);
    CHECK(listed(crypto::hmac_sha256({}, {})) == expected);
}

TEST_CASE("RFC 5869 A.1 and A.3: HKDF with SHA-256", "[crypto]") {
    const auto secret = hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
    std::array<std::byte, 42> key{};
    const auto salt = hex("000102030405060708090a0b0c");
    const std::string label{"\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9"};
    crypto::hkdf_sha256({.secret = secret, .salt = salt, .label = label}, key);
    CHECK(listed(key) == hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                             "34007208d5b887185865"));
    crypto::hkdf_sha256({.secret = secret, .salt = {}, .label = {}}, key);
    CHECK(listed(key) == hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                             "9d201395faa4b61a96c8"));
}

TEST_CASE("random bytes differ from call to call", "[crypto]") {
    CHECK(crypto::random_bytes<16>() != crypto::random_bytes<16>());
    crypto::fill_random({});
}

TEST_CASE("equality sees every byte and the length", "[crypto]") {
    CHECK(crypto::equal_in_constant_time(text("secret"), text("secret")));
    CHECK(crypto::equal_in_constant_time({}, {}));
    CHECK_FALSE(crypto::equal_in_constant_time(text("secret"), text("secreT")));
    CHECK_FALSE(crypto::equal_in_constant_time(text("secret"), text("secre")));
}

TEST_CASE("cleansed bytes are zero", "[crypto]") {
    std::array<std::uint8_t, 4> bytes{1, 2, 3, 4};
    crypto::cleanse(bytes);
    CHECK(std::ranges::all_of(bytes, [](auto byte) { return byte == 0; }));
}
