// What shows of a DTLS datagram before anything is decrypted (RFC 6347 §4.1, §4.2.2).
//
//   | type | version | epoch | sequence | length | handshake header: type … | version | random |
//        1         2       2          6        2                         12         2       32
//
// Pure functions; any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace turnix::io {

/// What the first byte of a datagram is when it is DTLS and neither STUN nor ChannelData (RFC 7983 §7).
constexpr bool begins_dtls(std::span<const std::byte> datagram) noexcept {
    return !datagram.empty() && datagram.front() >= std::byte{20} && datagram.front() <= std::byte{63};
}

constexpr bool is_application_data(std::span<const std::byte> datagram) noexcept {
    return !datagram.empty() && datagram.front() == std::byte{23};
}

/// Tells ClientHellos apart: one that is sent again, with or without a cookie, has the same.
using client_random = std::array<std::byte, 32>;

/// Nothing when the datagram does not begin with a ClientHello in the clear.
constexpr std::optional<client_random> client_hello_of(std::span<const std::byte> datagram) noexcept {
    constexpr std::size_t epoch_at = 3;
    constexpr std::size_t handshake_at = 13;
    constexpr std::size_t random_at = handshake_at + 12 + 2;
    client_random random{};
    if (datagram.size() < random_at + random.size()) return std::nullopt;
    const bool in_the_clear = datagram[epoch_at] == std::byte{0} && datagram[epoch_at + 1] == std::byte{0};
    if (datagram.front() != std::byte{22} || !in_the_clear || datagram[handshake_at] != std::byte{1}) {
        return std::nullopt;
    }
    std::ranges::copy(datagram.subspan(random_at, random.size()), random.begin());
    return random;
}

}  // namespace turnix::io
