#include "relay/io/icmp_reader.hpp"

#include "relay/io/udp_packet.hpp"
#include "relay/stun/bytes.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

using namespace turnix;

namespace {

const net::endpoint relay_v4 = net::endpoint::parse("192.0.2.1:50000").value();
const net::endpoint peer_v4 = net::endpoint::parse("198.51.100.7:4000").value();
const net::endpoint relay_v6 = net::endpoint::parse("[2001:db8::1]:50000").value();
const net::endpoint peer_v6 = net::endpoint::parse("[2001:db8::7]:4000").value();

struct error_fields {
    std::uint8_t type;
    std::uint8_t code;
    std::uint32_t data;
};

/// An ICMP error about a datagram of four bytes from the one to the other, without a sum.
std::vector<std::byte> icmp_about(const net::endpoint& from, const net::endpoint& to,
                                  const error_fields& error) {
    const std::vector<std::byte> payload(4);
    io::udp_header_buffer buffer{};
    const auto quoted = io::write_udp_headers(buffer, {.from = from, .to = to, .payload = payload});
    std::vector<std::byte> message(8 + quoted.size() + payload.size());
    stun::byte_writer writer{message};
    writer.u8(error.type);
    writer.u8(error.code);
    writer.u16(0);
    writer.u32(error.data);
    writer.bytes(quoted);
    writer.bytes(payload);
    return message;
}

/// With its sum in place, if there is one.
std::vector<std::byte> summed(std::vector<std::byte> message) {
    if (message.size() < 4) return message;
    message[2] = message[3] = std::byte{0};
    const auto sum = static_cast<std::uint16_t>(~io::internet_sum(message));
    message[2] = static_cast<std::byte>(sum >> 8U);
    message[3] = static_cast<std::byte>(sum & 0xffU);
    return message;
}

}  // namespace

TEST_CASE("RFC 8656 11.5: an ICMP error names the datagram that it is about", "[io][icmp]") {
    struct row {
        error_fields sent;
        std::uint32_t data;
    };
    const bool is_v4 = GENERATE(true, false);
    const auto rows =
        is_v4 ? std::vector<row>{{{3, 3, 0}, 0},  {{3, 4, 1'400}, 1'400}, {{3, 4, 0xabcd0000 | 1'400}, 1'400},
                                 {{3, 1, 77}, 0}, {{11, 0, 77}, 0},       {{12, 0, 77}, 0}}
              : std::vector<row>{{{1, 4, 0}, 0}, {{2, 0, 1'280}, 1'280}, {{3, 0, 77}, 0}};
    for (const auto& [sent, data] : rows) {
        INFO(int{sent.type} << "/" << int{sent.code});
        const auto report =
            is_v4 ? io::read_icmp(net::family::ipv4, summed(icmp_about(relay_v4, peer_v4, sent)))
                  : io::read_icmp(net::family::ipv6, icmp_about(relay_v6, peer_v6, sent));
        REQUIRE(report.has_value());
        CHECK(report->sent_from == (is_v4 ? relay_v4 : relay_v6));
        CHECK(report->sent_to == (is_v4 ? peer_v4 : peer_v6));
        CHECK(report->error.type == sent.type);
        CHECK(report->error.code == sent.code);
        CHECK(report->error.data == data);
    }
}

TEST_CASE("ICMP that is no error, damaged, cut off or about something else says nothing", "[io][icmp]") {
    const auto good = icmp_about(relay_v4, peer_v4, {3, 3, 0});
    REQUIRE(io::read_icmp(net::family::ipv4, summed(good)).has_value());
    auto damaged = summed(good);
    damaged.back() ^= std::byte{1};
    CHECK_FALSE(io::read_icmp(net::family::ipv4, damaged).has_value());
    CHECK_FALSE(
        io::read_icmp(net::family::ipv4, summed(icmp_about(relay_v4, peer_v4, {8, 0, 0}))).has_value());
    CHECK_FALSE(io::read_icmp(net::family::ipv6, icmp_about(relay_v6, peer_v6, {129, 0, 0})).has_value());
    auto tcp = good;
    tcp[8 + 9] = std::byte{6};
    CHECK_FALSE(io::read_icmp(net::family::ipv4, summed(tcp)).has_value());
    auto later_part = good;
    later_part[8 + 7] = std::byte{5};
    CHECK_FALSE(io::read_icmp(net::family::ipv4, summed(later_part)).has_value());
    auto short_header = good;
    short_header[8] = std::byte{0x44};
    CHECK_FALSE(io::read_icmp(net::family::ipv4, summed(short_header)).has_value());
    for (std::size_t bytes = 0; bytes < 8 + 24; ++bytes) {
        INFO(bytes);
        const std::span cut{good.data(), bytes};
        CHECK_FALSE(io::read_icmp(net::family::ipv4, summed({cut.begin(), cut.end()})).has_value());
        CHECK_FALSE(io::read_icmp(net::family::ipv6, cut).has_value());
    }
}

TEST_CASE("IP options and the first fragment's header stand in no way", "[io][icmp]") {
    auto with_options = icmp_about(relay_v4, peer_v4, {3, 3, 0});
    with_options[8] = std::byte{0x46};
    with_options.insert(with_options.begin() + 8 + 20, 4, std::byte{1});
    const auto report_v4 = io::read_icmp(net::family::ipv4, summed(with_options));
    REQUIRE(report_v4.has_value());
    CHECK(report_v4->sent_from == relay_v4);

    auto fragment = icmp_about(relay_v6, peer_v6, {1, 4, 0});
    fragment[8 + 6] = std::byte{44};
    const std::vector<std::byte> header{std::byte{17}, {}, {}, std::byte{1}, {}, {}, {}, std::byte{9}};
    fragment.insert(fragment.begin() + 8 + 40, header.begin(), header.end());
    const auto report_v6 = io::read_icmp(net::family::ipv6, fragment);
    REQUIRE(report_v6.has_value());
    CHECK(report_v6->sent_to == peer_v6);
    fragment[8 + 40 + 3] = std::byte{9};  // a later one, at 8 bytes
    CHECK_FALSE(io::read_icmp(net::family::ipv6, fragment).has_value());
}
