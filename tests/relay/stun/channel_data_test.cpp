#include "relay/stun/channel_data.hpp"

#include "relay/stun/first_byte.hpp"
#include "tests/common/crypto/hex.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace turnix;
using stun::channel_data_error;
using test::hex;

TEST_CASE("RFC 7983 7: the first byte tells the protocols apart", "[rfc7983]") {
    for (unsigned value = 0; value < 256; ++value) {
        const auto expected = value <= 3                   ? stun::protocol::stun
                              : value >= 64 && value <= 79 ? stun::protocol::channel_data
                                                           : stun::protocol::other;
        CHECK(stun::protocol_of(static_cast<std::byte>(value)) == expected);
    }
}

TEST_CASE("RFC 8656 12.5: over UDP padding is optional, and empty data is data", "[rfc8656]") {
    const auto [what, datagram, payload] = GENERATE(table<const char*, const char*, const char*>({
        {"without padding", "40000005 0102030405", "0102030405"},
        {"with padding", "40000005 0102030405000000", "0102030405"},
        {"with more than padding", "40000001 010203040506070809", "01"},
        {"empty", "4fff0000", ""},
        {"empty with padding", "40000000 00000000", ""},
    }));
    DYNAMIC_SECTION(what) {
        const auto bytes = hex(datagram);
        const auto data = stun::channel_data::parse(bytes).value();
        CHECK(std::ranges::equal(data.payload, hex(payload)));
    }
}

TEST_CASE("RFC 8656 12.6: what is not whole, or of no channel, is refused", "[rfc8656]") {
    const auto [datagram, error] = GENERATE(table<const char*, channel_data_error>({
        {"", channel_data_error::too_short},
        {"400000", channel_data_error::too_short},
        {"40000001", channel_data_error::length_beyond_datagram},
        {"40000005 01020304", channel_data_error::length_beyond_datagram},
        {"4000ffff 01020304", channel_data_error::length_beyond_datagram},
        {"3fff0000", channel_data_error::no_channel},
        {"50000000", channel_data_error::no_channel},
    }));
    CHECK(stun::channel_data::parse(hex(datagram)).error() == error);
}

TEST_CASE("RFC 8656 12.4: the header's length excludes padding", "[rfc8656]") {
    CHECK(std::ranges::equal(stun::channel_data_header({0x4001}, 5), hex("40010005")));
}
