#include "relay/stun/stream_framer.hpp"

#include "tests/common/crypto/hex.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace turnix;
using stun::framed_message;
using stun::framing_error;
using stun::need_more;
using test::hex;

namespace {

using messages = std::vector<std::vector<std::byte>>;

// Feeds the stream in two pieces and collects what comes out of each.
messages framed_in_two(std::span<const std::byte> stream, std::size_t split) {
    messages found;
    std::size_t taken = 0;
    for (const auto available : {split, stream.size()}) {
        while (true) {
            const auto next = stun::next_message(stream.first(available).subspan(taken));
            const auto* const framed = std::get_if<framed_message>(&next);
            if (framed == nullptr) break;
            found.emplace_back(framed->message.begin(), framed->message.end());
            taken += framed->consumed;
        }
    }
    REQUIRE(taken == stream.size());
    return found;
}

std::vector<std::byte> zeros_behind(std::string_view header, std::size_t size) {
    auto bytes = hex(header);
    bytes.resize(size);
    return bytes;
}

}  // namespace

TEST_CASE("RFC 8656 12.5: the same messages come out wherever the stream is cut", "[rfc8656]") {
    const messages expected{
        hex("00010008 2112a442 000102030405060708090a0b 00060001 61000000"),
        hex("40000005 0102030405"),
        hex("40010000"),
        hex("40020004 01020304"),
        hex("00010000 2112a442 000102030405060708090a0b"),
        hex("4fff0001 01"),
    };
    std::vector<std::byte> stream;
    for (const auto& message : expected) {
        stream.insert(stream.end(), message.begin(), message.end());
        stream.resize((stream.size() + 3) / 4 * 4);
    }
    for (std::size_t split = 0; split <= stream.size(); ++split) {
        CAPTURE(split);
        REQUIRE(framed_in_two(stream, split) == expected);
    }
}

TEST_CASE("a piece of a message asks for the rest of what is known to come", "[rfc8656]") {
    const auto [piece, bytes] = GENERATE(table<const char*, std::size_t>({
        {"", 4},
        {"40", 3},
        {"000100", 1},
        {"40000005", 8},
        {"40000005 0102030405", 3},
        {"00010008", 24},
        {"00010008 2112a442 00", 19},
    }));
    CHECK(std::get<need_more>(stun::next_message(hex(piece))) == need_more{bytes});
}

TEST_CASE("RFC 8489 5 and RFC 8656 12.5: lengths near 65535 do not wrap", "[rfc8656]") {
    for (std::size_t length = 65516; length <= 65535; ++length) {
        CAPTURE(length);
        const auto padded = (length + 3) / 4 * 4;
        const auto low_byte = static_cast<std::byte>(length % 256);

        auto channel_data = zeros_behind("4000ff00", 4 + padded);
        channel_data[3] = low_byte;
        const auto framed = std::get<framed_message>(stun::next_message(channel_data));
        CHECK(framed.message.size() == 4 + length);
        CHECK(framed.consumed == 4 + padded);
        CHECK(framed.consumed <= stun::frame_bytes_max);
        channel_data.pop_back();
        CHECK(std::get<need_more>(stun::next_message(channel_data)) == need_more{1});

        auto message = zeros_behind("0001ff00 2112a442", 20 + length);
        message[3] = low_byte;
        const auto next = stun::next_message(message);
        if (length % 4 == 0) {
            CHECK(std::get<framed_message>(next).consumed == 20 + length);
            CHECK(20 + length <= stun::frame_bytes_max);
        } else {
            CHECK(std::get<framing_error>(next) == framing_error::wrong_length);
        }
    }
}

TEST_CASE("RFC 8489 6.3: a stream that is not TURN is an error as soon as that shows", "[rfc7983]") {
    const auto [piece, error] = GENERATE(table<const char*, framing_error>({
        {"16", framing_error::unknown_protocol},
        {"504f5354202f20485454502f312e31", framing_error::unknown_protocol},
        {"04", framing_error::unknown_protocol},
        {"50", framing_error::unknown_protocol},
        {"00010001", framing_error::wrong_length},
        {"00010000 2112a443", framing_error::wrong_cookie},
    }));
    CHECK(std::get<framing_error>(stun::next_message(hex(piece))) == error);
}
