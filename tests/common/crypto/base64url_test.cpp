#include "common/crypto/base64url.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <string_view>

using namespace turnix::crypto;

TEST_CASE("RFC 4648 10: test vectors, without padding", "[crypto]") {
    const auto [plain, encoded] = GENERATE(table<std::string_view, std::string_view>({
        {"", ""},
        {"f", "Zg"},
        {"fo", "Zm8"},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg"},
        {"fooba", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy"},
        {"\xfb\xff\xbf", "-_-_"},
    }));
    const auto bytes = std::as_bytes(std::span{plain});
    CHECK(base64url_encode(bytes) == encoded);
    CHECK(base64url_length(plain.size()) == encoded.size());

    std::array<std::byte, 6> storage{};
    const auto decoded = base64url_decode(encoded, storage);
    REQUIRE(decoded.has_value());
    CHECK(std::equal(decoded->begin(), decoded->end(), bytes.begin(), bytes.end()));
}

TEST_CASE("a text that no encoder writes is refused", "[crypto]") {
    const auto* const text =
        GENERATE("Z", "Zm9vY", "Zg==", "Zm9+", "Zm9/", "Zm 9", "Zm9v\n", "Zh", "Zm9", "\xc3\xa4");
    std::array<std::byte, 16> storage{};
    CHECK_FALSE(base64url_decode(text, storage).has_value());
}

TEST_CASE("what does not fit is refused, what just fits is not", "[crypto]") {
    std::array<std::byte, 3> storage{};
    CHECK(base64url_decode("Zm9v", storage).has_value());
    CHECK_FALSE(base64url_decode("Zm9vYg", storage).has_value());
}
