#include "common/crypto/base64.hpp"

#include <catch2/catch.hpp>

#include <string_view>

using namespace turnix::crypto;

TEST_CASE("RFC 4648 10: test vectors, with padding", "[crypto]") {
    const auto [plain, encoded] = GENERATE(table<std::string_view, std::string_view>({
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xfb\xff\xbf", "+/+/"},
    }));
    CHECK(base64_encode(std::as_bytes(std::span{plain})) == encoded);
}
