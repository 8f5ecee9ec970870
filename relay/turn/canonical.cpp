#include "relay/turn/canonical.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace turnix::turn {
namespace {

using places = std::array<std::uint8_t, 4>;

constexpr places last_four{12, 13, 14, 15};

// A prefix under which addresses hold IPv4, and where.
struct embedding_prefix {
    embedding form;
    std::size_t size;
    std::array<std::uint8_t, 12> bytes;
    places ipv4;
};

constexpr std::array prefixes{
    embedding_prefix{embedding::compatible, 12, {}, last_four},
    embedding_prefix{embedding::mapped, 12, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, last_four},
    embedding_prefix{embedding::translated, 12, {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, last_four},
    embedding_prefix{embedding::nat64_well_known, 12, {0x00, 0x64, 0xff, 0x9b}, last_four},
    embedding_prefix{embedding::nat64_local, 6, {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, {6, 7, 9, 10}},
    embedding_prefix{embedding::six_to_four, 2, {0x20, 0x02}, {2, 3, 4, 5}},
    embedding_prefix{embedding::teredo, 4, {0x20, 0x01, 0x00, 0x00}, last_four},
};

net::address ipv4_at(const places& ipv4, std::span<const std::uint8_t> bytes) noexcept {
    return net::address{
        net::address::v4_bytes{bytes[ipv4[0]], bytes[ipv4[1]], bytes[ipv4[2]], bytes[ipv4[3]]}};
}

net::address inverted(const net::address& ipv4) noexcept {
    net::address::v4_bytes bytes{};
    std::ranges::transform(ipv4.bytes(), bytes.begin(),
                           [](std::uint8_t byte) { return static_cast<std::uint8_t>(~byte); });
    return net::address{bytes};
}

// RFC 5214 §6.1: 00-00-5E and FE; the bit for "globally unique" (0x02) may be set or not.
bool is_isatap(std::span<const std::uint8_t> bytes) noexcept {
    return (bytes[8] == 0x00 || bytes[8] == 0x02) && bytes[9] == 0x00 && bytes[10] == 0x5e &&
           bytes[11] == 0xfe;
}

}  // namespace

canonical_address canonical(const net::address& written,
                            const std::optional<net::cidr>& nat64_prefix) noexcept {
    if (written.is_v4() || written.is_unspecified() || written.is_loopback()) return {.address = written};
    const auto bytes = written.bytes();
    if (nat64_prefix && nat64_prefix->contains(written)) {
        return {.address = ipv4_at(last_four, bytes), .form = embedding::nat64_configured};
    }
    for (const auto& prefix : prefixes) {
        if (!std::ranges::equal(bytes.first(prefix.size), std::span{prefix.bytes}.first(prefix.size)))
            continue;
        const auto inside = ipv4_at(prefix.ipv4, bytes);
        return {.address = prefix.form == embedding::teredo ? inverted(inside) : inside, .form = prefix.form};
    }
    if (is_isatap(bytes)) return {.address = ipv4_at(last_four, bytes), .form = embedding::isatap};
    return {.address = written};
}

}  // namespace turnix::turn
