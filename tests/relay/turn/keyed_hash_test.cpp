#include "relay/turn/keyed_hash.hpp"

#include <catch2/catch.hpp>

using namespace turnix;

TEST_CASE("SipHash-2-4's published vector for 16 bytes", "[policy]") {
    crypto::secret<16> key;
    for (std::uint8_t i = 0; auto& byte : key.writable_bytes()) byte = i++;
    CHECK(turn::keyed_hash(key, {0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL}) == 0x3f2acc7f57c29bdbULL);
}
