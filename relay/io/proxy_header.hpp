// The header that a proxy puts ahead of a connection to say who its client is: PROXY protocol, version 2.
//
//   12 bytes   0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A
//    1 byte    version 2, command
//    1 byte    family, transport
//    2 bytes   length of what follows
//   length     addresses, TLVs
//
// A pure function of the bytes that wait; any thread. Version 1, a line of text, is recognised and refused.
// TLVs are skipped.
#pragma once

#include "common/net/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

namespace turnix::io {

/// Longer ones are refused: addresses take 36 bytes, the rest are TLVs that nobody reads.
inline constexpr std::size_t proxy_header_bytes_max = 2'048;

/// No whole header is there yet.
struct proxy_need_more {
    std::size_t bytes;  ///< at least so many more; never beyond the header's end
};

/// The connection as the proxy was given it.
struct proxied_endpoints {
    net::endpoint client;
    net::endpoint server;

    friend bool operator==(const proxied_endpoints&, const proxied_endpoints&) = default;
};

struct proxy_header {
    /// Nothing for the proxy's own connections (LOCAL), and where it does not say (UNSPEC, or a family that
    /// is not relayed): then the connection's own endpoints count.
    std::optional<proxied_endpoints> endpoints;
};

enum class proxy_error : std::uint8_t {
    no_header,  ///< the bytes begin no header, or one that is not well-formed or too long
    version_1,
};

using proxy_parse = std::variant<proxy_need_more, proxy_header, proxy_error>;

/// `readable` is the begin of the stream, and ends no later than the header.
[[nodiscard]] proxy_parse parse_proxy_header(std::span<const std::byte> readable) noexcept;

}  // namespace turnix::io
