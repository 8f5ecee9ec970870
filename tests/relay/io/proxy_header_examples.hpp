// PROXY protocol headers of version 2, put together by hand.
#pragma once

#include "common/net/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace turnix::test {

struct proxy_header_parts {
    std::uint8_t version_and_command{0x21};
    std::uint8_t family_and_transport{0x11};
    std::vector<std::byte> body{};
};

inline std::vector<std::byte> proxy_header(const proxy_header_parts& parts) {
    constexpr std::string_view signature{"\r\n\r\n\0\r\nQUIT\n", 12};
    std::vector<std::byte> header;
    for (const char each : signature) header.push_back(static_cast<std::byte>(each));
    header.push_back(std::byte{parts.version_and_command});
    header.push_back(std::byte{parts.family_and_transport});
    header.push_back(static_cast<std::byte>(parts.body.size() >> 8U));
    header.push_back(static_cast<std::byte>(parts.body.size()));
    header.insert(header.end(), parts.body.begin(), parts.body.end());
    return header;
}

/// Of a TCP connection from `client` to `server`, of one family.
inline std::vector<std::byte> proxy_header(const net::endpoint& client, const net::endpoint& server,
                                           std::size_t tlv_bytes = 0) {
    proxy_header_parts parts{.family_and_transport =
                                 static_cast<std::uint8_t>(client.address.is_v4() ? 0x11 : 0x21)};
    for (const auto& each : {client, server}) {
        const auto address = std::as_bytes(each.address.bytes());
        parts.body.insert(parts.body.end(), address.begin(), address.end());
    }
    for (const auto& each : {client, server}) {
        parts.body.push_back(static_cast<std::byte>(each.port >> 8U));
        parts.body.push_back(static_cast<std::byte>(each.port));
    }
    parts.body.resize(parts.body.size() + tlv_bytes, std::byte{4});
    return proxy_header(parts);
}

}  // namespace turnix::test
