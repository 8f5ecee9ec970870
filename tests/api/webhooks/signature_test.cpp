#include "api/webhooks/signature.hpp"

#include <catch2/catch.hpp>

using namespace turnix;

TEST_CASE("Turnix-Signature is the HMAC-SHA-256 of time and body under the secret", "[webhooks]") {
    // printf '1767712462.{"a":1}' | openssl dgst -sha256 -hmac whsec_test
    const wall_time now{std::chrono::milliseconds{1'767'712'462'277}};
    CHECK(webhooks::signature_of(R"({"a":1})", "whsec_test", now) ==
          "t=1767712462,v1=21539dad01d34e8ebc6d6e89f44d8c04a5f20810fd9aa4d43edef8ce29da3d41");
}

TEST_CASE("no two webhooks have one secret", "[webhooks]") {
    const auto one = webhooks::make_secret();
    CHECK(one.starts_with("whsec_"));
    CHECK(one.size() == 6 + 43);
    CHECK(one != webhooks::make_secret());
}
