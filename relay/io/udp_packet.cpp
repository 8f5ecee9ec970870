#include "relay/io/udp_packet.hpp"

#include <cstring>

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>

namespace turnix::io {

namespace {

constexpr std::uint8_t hops = 64;

/// Sums in the machine's own byte order: the ones' complement sum does not care (RFC 1071 §2B).
struct running_sum {
    std::uint64_t value{0};

    void add(std::uint64_t words) noexcept {
        value += words;
        if (value < words) ++value;
    }
    void add(std::span<const std::byte> bytes) noexcept {
        const std::byte* at = bytes.data();
        std::size_t left = bytes.size();
        for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t), at += sizeof(std::uint64_t)) {
            std::uint64_t words{};
            std::memcpy(&words, at, sizeof words);
            add(words);
        }
        if (left == 0) return;  // `at` may be null then
        std::uint64_t rest = 0;
        std::memcpy(&rest, at, left);
        add(rest);
    }
    /// In network order, as memory holds it.
    [[nodiscard]] std::uint16_t folded() const noexcept {
        std::uint64_t sum = value;
        for (int i = 0; i < 4; ++i) sum = (sum & 0xffffU) + (sum >> 16U);
        return static_cast<std::uint16_t>(sum);
    }
};

std::span<const std::byte> bytes_of(const net::address& address) noexcept {
    return std::as_bytes(address.bytes());
}

udphdr udp_header(const udp_packet& packet) noexcept {
    const auto length = htons(static_cast<std::uint16_t>(sizeof(udphdr) + packet.payload.size()));
    udphdr header{};
    header.source = htons(packet.from.port);
    header.dest = htons(packet.to.port);
    header.len = length;
    running_sum sum;
    sum.add(bytes_of(packet.from.address));
    sum.add(bytes_of(packet.to.address));
    sum.add(std::uint64_t{htons(IPPROTO_UDP)} + length + header.source + header.dest + length);
    sum.add(packet.payload);
    const auto complement = static_cast<std::uint16_t>(~sum.folded());
    header.check = complement == 0 ? std::uint16_t{0xffff} : complement;  // 0 means: no checksum
    return header;
}

iphdr ipv4_header(const udp_packet& packet) noexcept {
    iphdr header{};
    header.version = 4;
    header.ihl = sizeof header / 4;
    header.tos = packet.traffic_class;
    header.tot_len = htons(static_cast<std::uint16_t>(ipv4_udp_header_bytes + packet.payload.size()));
    header.frag_off = packet.dont_fragment ? htons(IP_DF) : std::uint16_t{0};
    header.ttl = hops;
    header.protocol = IPPROTO_UDP;
    std::memcpy(&header.saddr, packet.from.address.bytes().data(), sizeof header.saddr);
    std::memcpy(&header.daddr, packet.to.address.bytes().data(), sizeof header.daddr);
    return header;
}

ip6_hdr ipv6_header(const udp_packet& packet) noexcept {
    constexpr std::uint32_t version = 6;
    ip6_hdr header{};
    header.ip6_flow = htonl(version << 28U | std::uint32_t{packet.traffic_class} << 20U);
    header.ip6_plen = htons(static_cast<std::uint16_t>(sizeof(udphdr) + packet.payload.size()));
    header.ip6_nxt = IPPROTO_UDP;
    header.ip6_hlim = hops;
    std::memcpy(&header.ip6_src, packet.from.address.bytes().data(), sizeof header.ip6_src);
    std::memcpy(&header.ip6_dst, packet.to.address.bytes().data(), sizeof header.ip6_dst);
    return header;
}

template <class Ip>
std::span<const std::byte> write(udp_header_buffer& into, const Ip& ip, const udphdr& udp) noexcept {
    static_assert(sizeof ip + sizeof udp <= ipv6_udp_header_bytes);
    std::memcpy(into.data(), &ip, sizeof ip);
    std::memcpy(into.data() + sizeof ip, &udp, sizeof udp);
    return std::span{into}.first(sizeof ip + sizeof udp);
}

}  // namespace

std::span<const std::byte> write_udp_headers(udp_header_buffer& into, const udp_packet& packet) noexcept {
    if (packet.to.address.is_v4()) return write(into, ipv4_header(packet), udp_header(packet));
    return write(into, ipv6_header(packet), udp_header(packet));
}

std::uint16_t internet_sum(std::span<const std::byte> bytes) noexcept {
    running_sum sum;
    sum.add(bytes);
    return ntohs(sum.folded());
}

}  // namespace turnix::io
