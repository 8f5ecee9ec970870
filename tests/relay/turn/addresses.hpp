// Addresses for tests, and their bits as text: slow, and independent of the code that is tested.
#pragma once

#include "common/net/endpoint.hpp"

#include <cstdint>
#include <string>

namespace turnix::turn_test {

inline net::address ip(const char* text) { return net::address::parse(text).value(); }

inline net::endpoint at(const char* text) { return net::endpoint::parse(text).value(); }

/// 32 or 128 characters, '0' and '1', most significant first.
inline std::string bits_of(const net::address& address) {
    std::string bits;
    for (const auto byte : address.bytes()) {
        for (unsigned mask = 0x80; mask != 0; mask >>= 1U) bits += (byte & mask) != 0 ? '1' : '0';
    }
    return bits;
}

inline net::address address_of(const std::string& bits) {
    const auto byte_at = [&](std::size_t i) {
        return static_cast<std::uint8_t>(std::stoul(bits.substr(i * 8, 8), nullptr, 2));
    };
    if (bits.size() == 32) {
        return net::address{net::address::v4_bytes{byte_at(0), byte_at(1), byte_at(2), byte_at(3)}};
    }
    net::address::v6_bytes bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = byte_at(i);
    return net::address{bytes};
}

}  // namespace turnix::turn_test
