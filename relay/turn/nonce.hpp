// Nonces that need no memory: what was issued is recognised by its MAC (RFC 8489 §9.2, RFC 8656 §5).
//
//   cookie, 13 characters | 24 characters of base64url: slot, 4 bytes | MAC over slot, client address and
//                         | port, 14 bytes
//
// A slot is the number of nonce lifetimes since the clock's epoch. MACs are made under one random secret of
// this start of the daemon; since the slot is part of what is authenticated, every slot in effect has a key
// of its own, and workers share nothing that changes. Immutable, any thread.
//
// With these 37 characters a 401 with a realm of 8 characters, PASSWORD-ALGORITHMS and no reason text is 96
// bytes.
#pragma once

#include "common/clock/instant.hpp"
#include "common/crypto/secret.hpp"
#include "common/net/endpoint.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace turnix::turn {

/// The nonce cookie of RFC 8489 §9.2 with the security feature "Password algorithms": it lets a client notice
/// when PASSWORD-ALGORITHMS was taken from an answer on its way. Bit 0 of the 24 is the rightmost one
/// (erratum 6290). "Username anonymity" (bit 1) is not offered: every client would have to send USERHASH
/// then, and a sealed username cannot be found by its hash.
inline constexpr std::string_view nonce_cookie{"obMatJos2AAAB"};

enum class nonce_verdict : std::uint8_t {
    fresh,    ///< issued to this client in the current slot or the one before
    stale,    ///< issued to this client, but earlier: 438
    invalid,  ///< never issued to this client's address and port: 438 as well
};

class nonce_authority {
  public:
    static constexpr std::size_t bytes = 18;
    static constexpr std::size_t characters = nonce_cookie.size() + 24;
    using text = std::array<char, characters>;

    /// A nonce is good for at least `lifetime` (positive) and for less than twice as long.
    nonce_authority(const crypto::secret<32>& key, std::chrono::seconds lifetime) noexcept;

    [[nodiscard]] text issue(const net::endpoint& client, monotonic_time now) const noexcept;

    /// `received` is the attribute's value as it came. The MAC is compared in constant time.
    [[nodiscard]] nonce_verdict judge(std::string_view received, const net::endpoint& client,
                                      monotonic_time now) const noexcept;

  private:
    using raw = std::array<std::byte, bytes>;

    [[nodiscard]] std::uint32_t slot_at(monotonic_time now) const noexcept;
    [[nodiscard]] raw raw_for(const net::endpoint& client, std::uint32_t slot) const noexcept;

    crypto::secret<32> key_;
    std::chrono::seconds lifetime_;
};

}  // namespace turnix::turn
