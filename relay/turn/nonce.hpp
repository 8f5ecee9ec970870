// Nonces that need no memory: what was issued is recognised by its MAC (RFC 8489 §9.2, RFC 8656 §5).
//
//   24 characters of base64url:  | slot, 4 bytes | MAC over slot, client address and port, 14 bytes |
//
// A slot is the number of nonce lifetimes since the clock's epoch. MACs are made under one random secret of
// this start of the daemon; since the slot is part of what is authenticated, every slot in effect has a key
// of its own, and workers share nothing that changes. Immutable, any thread.
//
// With 24 characters a 401 with a realm of 8 characters and no reason text is 68 bytes; the 13 characters of
// a nonce cookie (RFC 8489 §9.2) and PASSWORD-ALGORITHMS in front and behind still leave it under 100.
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

enum class nonce_verdict : std::uint8_t {
    fresh,    ///< issued to this client in the current slot or the one before
    stale,    ///< issued to this client, but earlier: 438
    invalid,  ///< never issued to this client's address and port: 438 as well
};

class nonce_authority {
  public:
    static constexpr std::size_t bytes = 18;
    static constexpr std::size_t characters = 24;
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
