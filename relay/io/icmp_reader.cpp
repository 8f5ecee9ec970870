#include "relay/io/icmp_reader.hpp"

#include "relay/io/shared_sockets.hpp"
#include "relay/io/udp_packet.hpp"
#include "relay/stun/bytes.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

namespace turnix::io {

namespace {

/// An error quotes less than this; the ports stand in the first few bytes.
constexpr std::size_t message_bytes_max = 1'500;
constexpr std::size_t ipv4_header_bytes = 20;
constexpr std::uint16_t fragment_offset_mask = 0x1fff;
constexpr std::uint16_t ipv6_fragment_offset_mask = 0xfff8;

template <class Bytes>
net::address take_address(stun::byte_reader& from) noexcept {
    Bytes bytes{};
    const auto taken = from.take(bytes.size());
    if (!from.failed()) std::ranges::copy(taken, std::as_writable_bytes(std::span{bytes}).begin());
    return net::address{bytes};
}

/// The IP header of the quoted datagram; false when it is not the first or only part of a UDP datagram.
bool read_quoted_ipv4(stun::byte_reader& quoted, icmp_report& into) noexcept {
    const std::size_t header_bytes = (quoted.u8() & 0x0fU) * std::size_t{4};
    quoted.take(5);
    const bool first_part = (quoted.u16() & fragment_offset_mask) == 0;
    quoted.take(1);
    const bool is_udp = quoted.u8() == IPPROTO_UDP;
    quoted.take(2);
    into.sent_from.address = take_address<net::address::v4_bytes>(quoted);
    into.sent_to.address = take_address<net::address::v4_bytes>(quoted);
    if (header_bytes < ipv4_header_bytes) return false;
    quoted.take(header_bytes - ipv4_header_bytes);
    return first_part && is_udp;
}

bool read_quoted_ipv6(stun::byte_reader& quoted, icmp_report& into) noexcept {
    quoted.take(6);
    std::uint8_t next_header = quoted.u8();
    quoted.take(1);
    into.sent_from.address = take_address<net::address::v6_bytes>(quoted);
    into.sent_to.address = take_address<net::address::v6_bytes>(quoted);
    bool first_part = true;
    if (next_header == IPPROTO_FRAGMENT) {
        next_header = quoted.u8();
        quoted.take(1);
        first_part = (quoted.u16() & ipv6_fragment_offset_mask) == 0;
        quoted.take(4);
    }
    return first_part && next_header == IPPROTO_UDP;
}

bool is_error(net::family family, std::uint8_t type) noexcept {
    if (family == net::family::ipv6) return (type & ICMP6_INFOMSG_MASK) == 0;
    return type == ICMP_DEST_UNREACH || type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETERPROB;
}

}  // namespace

std::optional<icmp_report> read_icmp(net::family family, std::span<const std::byte> message) noexcept {
    // The kernel has checked ICMPv6's sum, which covers the addresses too.
    if (family == net::family::ipv4 && internet_sum(message) != 0xffff) return std::nullopt;
    stun::byte_reader reader{message};
    icmp_report report{};
    report.error.type = reader.u8();
    report.error.code = reader.u8();
    reader.take(2);
    const std::uint32_t data = reader.u32();
    if (stun::carries_mtu(family, report.error)) {
        report.error.data = family == net::family::ipv4 ? data & 0xffffU : data;
    }
    const bool about_udp =
        family == net::family::ipv4 ? read_quoted_ipv4(reader, report) : read_quoted_ipv6(reader, report);
    report.sent_from.port = reader.u16();
    report.sent_to.port = reader.u16();
    if (reader.failed() || !about_udp || !is_error(family, report.error.type)) return std::nullopt;
    return report;
}

icmp_reader::icmp_reader(net::family family) : family_{family}, socket_{open_icmp_socket(family)} {}

icmp_reader::outcome icmp_reader::next(std::optional<icmp_report>& report) noexcept {
    std::array<std::byte, message_bytes_max> buffer;
    const auto bytes = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (bytes < 0) return outcome::empty;
    std::span<const std::byte> message = std::span{buffer}.first(static_cast<std::size_t>(bytes));
    report.reset();
    if (family_ == net::family::ipv4) {
        // IPv4 raw sockets show the IP header too.
        if (message.empty()) return outcome::taken;
        const std::size_t header_bytes =
            (std::to_integer<unsigned>(message.front()) & 0x0fU) * std::size_t{4};
        if (header_bytes > message.size()) return outcome::taken;
        message = message.subspan(header_bytes);
    }
    report = read_icmp(family_, message);
    return outcome::taken;
}

}  // namespace turnix::io
