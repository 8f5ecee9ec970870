// The keys that seal and open credentials. A node holds one ring; the nodes of a fleet hold the same one.
//
// On disk: JSON of mode 0600, written whole and renamed into place. In memory: immutable, shared by pointer,
// replaced whole. Each key is one 32-byte secret; what is used is derived from it with HKDF-SHA256, one label
// a purpose.
#pragma once

#include "common/clock/instant.hpp"
#include "common/crypto/secret.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace turnix::credential {

using key_number = std::uint16_t;

struct key {
    key_number number{0};
    std::chrono::sys_seconds not_before;
    std::chrono::sys_seconds not_after;
    crypto::secret<64> seal;        ///< AES-256-SIV
    crypto::secret<32> password;    ///< HMAC-SHA-256 of the username
    crypto::secret<32> identifier;  ///< HMAC-SHA-256 in credential ids
};

class key_ring {
  public:
    /// One new key, valid from now on for `validity`.
    static key_ring generate(instant now, std::chrono::days validity);
    /// Throws std::runtime_error with the file's name, the fault and the remedy: missing, unreadable, open to
    /// others than its owner, malformed, no key.
    static key_ring load(const std::filesystem::path& file);
    /// Writes with mode 0600; throws std::runtime_error.
    void save(const std::filesystem::path& file) const;

    /// The newest key that is valid now: what new credentials are sealed with. Null when every key is out of
    /// date.
    [[nodiscard]] const key* current(wall_time now) const noexcept;
    /// The key of that number, in date or not: who is checked against it decides. Null when unknown.
    [[nodiscard]] const key* find(key_number number) const noexcept;

  private:
    struct stored_key;
    std::vector<stored_key> stored_;
    std::vector<key> keys_;
};

}  // namespace turnix::credential
