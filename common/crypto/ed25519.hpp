// Ed25519 signatures (RFC 8032). A key may be used from any thread, one at a time.
#pragma once

#include "common/crypto/secret.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <span>

struct evp_pkey_st;

namespace turnix::crypto {

using ed25519_public_key = std::array<std::byte, 32>;
using ed25519_signature = std::array<std::byte, 64>;

class ed25519_key {
  public:
    explicit ed25519_key(const secret<32>& seed) noexcept;

    [[nodiscard]] const ed25519_public_key& public_key() const noexcept { return public_key_; }
    [[nodiscard]] ed25519_signature sign(std::span<const std::byte> message) const noexcept;

  private:
    struct key_deleter {
        void operator()(evp_pkey_st* key) const noexcept;
    };
    std::unique_ptr<evp_pkey_st, key_deleter> key_;
    ed25519_public_key public_key_{};
};

/// False as well for a public key that is none.
[[nodiscard]] bool ed25519_verify(const ed25519_public_key& by, std::span<const std::byte> message,
                                  std::span<const std::byte> signature) noexcept;

}  // namespace turnix::crypto
