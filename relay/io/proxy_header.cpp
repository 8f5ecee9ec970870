#include "relay/io/proxy_header.hpp"

#include "relay/stun/bytes.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace turnix::io {

namespace {

constexpr std::string_view version_1_begin = "PROXY";
constexpr std::string_view signature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t fixed_bytes = 16;

enum class command : std::uint8_t { local = 0x20, proxy = 0x21 };  // with the version, 2, in front

// Families are in the upper four bits, transports (unspecified, stream, datagram) in the lower.
constexpr unsigned tcp_over_ipv4 = 0x11;
constexpr unsigned tcp_over_ipv6 = 0x21;
constexpr unsigned families = 4;
constexpr unsigned transports = 3;

bool begins_like(std::span<const std::byte> bytes, std::string_view text) noexcept {
    const auto common = std::min(bytes.size(), text.size());
    return std::ranges::equal(bytes.first(common), std::as_bytes(std::span{text.substr(0, common)}));
}

template <class Bytes>
net::address read_address(stun::byte_reader& from) noexcept {
    Bytes bytes{};
    std::ranges::copy(from.take(bytes.size()), std::as_writable_bytes(std::span{bytes}).begin());
    return net::address{bytes};
}

template <class Bytes>
proxy_parse read_endpoints(stun::byte_reader from) noexcept {
    proxied_endpoints found;
    found.client.address = read_address<Bytes>(from);
    found.server.address = read_address<Bytes>(from);
    found.client.port = from.u16();
    found.server.port = from.u16();
    if (from.failed()) return proxy_error::no_header;
    return proxy_header{found};
}

}  // namespace

proxy_parse parse_proxy_header(std::span<const std::byte> readable) noexcept {
    if (!readable.empty() && begins_like(readable, version_1_begin)) {
        if (readable.size() < version_1_begin.size()) return proxy_need_more{1};
        return proxy_error::version_1;
    }
    if (!begins_like(readable, signature)) return proxy_error::no_header;
    if (readable.size() < fixed_bytes) return proxy_need_more{fixed_bytes - readable.size()};

    stun::byte_reader reader{readable.subspan(signature.size())};
    const auto given = static_cast<command>(reader.u8());
    const unsigned family_and_transport = reader.u8();
    const std::size_t length = reader.u16();
    const bool known = (given == command::local || given == command::proxy) &&
                       family_and_transport >> 4U < families && family_and_transport % 16U < transports;
    if (!known || length > proxy_header_bytes_max - fixed_bytes) return proxy_error::no_header;
    if (reader.rest().size() < length) return proxy_need_more{length - reader.rest().size()};

    if (given == command::local) return proxy_header{};
    switch (family_and_transport) {
        case tcp_over_ipv4:
            return read_endpoints<net::address::v4_bytes>(reader);
        case tcp_over_ipv6:
            return read_endpoints<net::address::v6_bytes>(reader);
        default:
            return proxy_header{};
    }
}

}  // namespace turnix::io
