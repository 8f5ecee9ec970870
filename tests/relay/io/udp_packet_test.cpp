#include "relay/io/udp_packet.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

using namespace turnix;

namespace {

net::endpoint endpoint(const char* text) { return net::endpoint::parse(text).value(); }

std::uint16_t word(std::span<const std::byte> bytes, std::size_t at) {
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[at]) << 8U |
                                      std::to_integer<unsigned>(bytes[at + 1]));
}

/// RFC 1071 as it reads: word by word.
std::uint16_t slow_sum(std::span<const std::byte> bytes) {
    std::uint32_t sum = 0;
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        const std::byte low = at + 1 < bytes.size() ? bytes[at + 1] : std::byte{0};
        sum += std::to_integer<unsigned>(bytes[at]) << 8U | std::to_integer<unsigned>(low);
        sum = (sum & 0xffffU) + (sum >> 16U);
    }
    return static_cast<std::uint16_t>(sum);
}

std::vector<std::byte> payload_of(std::size_t bytes) {
    std::vector<std::byte> payload(bytes);
    for (std::size_t i = 0; i < bytes; ++i) payload[i] = static_cast<std::byte>(i * 167 + 0xf3);
    return payload;
}

/// What RFC 768 and RFC 8200 §8.1 sum up: addresses, protocol, length, then the datagram itself.
std::uint16_t sum_at_receiver(std::span<const std::byte> headers, std::span<const std::byte> payload) {
    const bool is_v4 = headers.size() == io::ipv4_udp_header_bytes;
    const auto addresses = is_v4 ? headers.subspan(12, 8) : headers.subspan(8, 32);
    const auto udp = headers.last(8);
    std::vector<std::byte> summed{addresses.begin(), addresses.end()};
    summed.insert(summed.end(), {std::byte{0}, std::byte{17}, udp[4], udp[5]});
    summed.insert(summed.end(), udp.begin(), udp.end());
    summed.insert(summed.end(), payload.begin(), payload.end());
    return slow_sum(summed);
}

}  // namespace

TEST_CASE("RFC 1071: the sum over words of eight bytes is that over words of two", "[io]") {
    for (std::size_t bytes = 0; bytes < 70; ++bytes) {
        INFO(bytes);
        const auto payload = payload_of(bytes);
        CHECK(io::internet_sum(payload) == slow_sum(payload));
        const std::vector<std::byte> ones(bytes, std::byte{0xff});
        CHECK(io::internet_sum(ones) == slow_sum(ones));
    }
}

TEST_CASE("RFC 8200 8.1: the UDP checksum comes out even at the receiver", "[io]") {
    const auto [from, to] = GENERATE(table<const char*, const char*>({
        {"192.0.2.1:50000", "198.51.100.7:4"},
        {"[2001:db8::1]:50000", "[2001:db8::ffff:2]:65535"},
    }));
    for (const std::size_t bytes : {0U, 1U, 7U, 160U, 1'199U, 65'480U}) {
        INFO(bytes);
        const auto payload = payload_of(bytes);
        io::udp_header_buffer buffer{};
        const auto headers =
            io::write_udp_headers(buffer, {.from = endpoint(from), .to = endpoint(to), .payload = payload});
        CHECK(sum_at_receiver(headers, payload) == 0xffff);
        CHECK(word(headers.last(8), 0) == 50'000);
        CHECK(word(headers.last(8), 2) == endpoint(to).port);
        CHECK(word(headers.last(8), 4) == bytes + 8);
    }
}

TEST_CASE("RFC 768: a checksum that is zero is sent as all ones", "[io]") {
    const std::vector<std::byte> zero(2);
    io::udp_packet packet{
        .from = endpoint("192.0.2.1:50000"), .to = endpoint("192.0.2.2:1"), .payload = zero};
    io::udp_header_buffer buffer{};
    const auto sum = word(io::write_udp_headers(buffer, packet).last(8), 6);
    // What the checksum says of two zero bytes, in their place, makes it zero.
    const std::vector payload{static_cast<std::byte>(sum >> 8U), static_cast<std::byte>(sum & 0xffU)};
    packet.payload = payload;
    CHECK(word(io::write_udp_headers(buffer, packet).last(8), 6) == 0xffff);
}

TEST_CASE("RFC 8656 14: DF, DSCP, ECN and the hops stand where they belong", "[io]") {
    const bool dont_fragment = GENERATE(true, false);
    const auto payload = payload_of(10);
    io::udp_header_buffer buffer{};
    const auto v4 = io::write_udp_headers(buffer, {.from = endpoint("192.0.2.1:50000"),
                                                   .to = endpoint("192.0.2.2:1"),
                                                   .payload = payload,
                                                   .traffic_class = 0xba,
                                                   .dont_fragment = dont_fragment});
    REQUIRE(v4.size() == 28);
    CHECK(word(v4, 0) == 0x45ba);
    CHECK(word(v4, 2) == 38);
    CHECK(word(v4, 6) == (dont_fragment ? 0x4000 : 0));
    CHECK(word(v4, 8) == (64U << 8U | 17U));
    const auto v6 = io::write_udp_headers(buffer, {.from = endpoint("[2001:db8::1]:50000"),
                                                   .to = endpoint("[2001:db8::2]:1"),
                                                   .payload = payload,
                                                   .traffic_class = 0xba,
                                                   .dont_fragment = dont_fragment});
    REQUIRE(v6.size() == 48);
    CHECK(word(v6, 0) == 0x6ba0);
    CHECK(word(v6, 4) == 18);
    CHECK(word(v6, 6) == (17U << 8U | 64U));
}
