// The keys that seal and open credentials. A node holds one ring; the nodes of a fleet hold the same one.
//
// On disk: JSON of mode 0600, written whole and renamed into place. In memory: immutable, shared by pointer,
// replaced whole. Each key is one 32-byte secret; what is used is derived from it with HKDF-SHA256, one label
// a purpose.
//
//   {"keys":[{"number":1,"not_before":1767712462,"not_after":1799248462,"secret":"<base64url, 43>"}]}
//
// A key may also have "used_at" (seconds; 0: new, it opens and does not seal yet; absent: not_before),
// "retired" (it opens what it sealed, until not_after) and "version" (of what the nodes of a fleet agreed
// on).
#pragma once

#include "common/clock/instant.hpp"
#include "common/crypto/secret.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::credential {

using key_number = std::uint16_t;

/// The nodes' clocks may differ by this much: a key, or a credential, is taken so long outside its dates.
inline constexpr std::chrono::seconds clock_tolerance{30};

struct key {
    key_number number{0};
    std::chrono::sys_seconds not_before;
    std::chrono::sys_seconds not_after;
    /// Of the keys in date the one that was taken into use last seals. Nothing: not yet, it is new.
    std::optional<std::chrono::sys_seconds> used_at;
    bool retired{false};            ///< opens credentials, seals nothing
    std::uint64_t version{0};       ///< of what the nodes agreed on; zero: as the file had it
    crypto::secret<32> root;        ///< what is stored, and the others are derived from
    crypto::secret<64> seal;        ///< AES-256-SIV
    crypto::secret<32> password;    ///< HMAC-SHA-256 of the username
    crypto::secret<32> identifier;  ///< HMAC-SHA-256 in credential ids

    /// Within its dates, give or take clock_tolerance.
    [[nodiscard]] bool is_valid_at(wall_time now) const noexcept {
        return now >= not_before - clock_tolerance && now <= not_after + clock_tolerance;
    }
};

/// By which people and nodes tell two secrets apart; nothing follows from it.
using key_fingerprint = std::array<std::uint8_t, 4>;
[[nodiscard]] key_fingerprint fingerprint_of(const key& of);

class key_ring {
  public:
    static constexpr std::size_t keys_max = 64;

    /// One key in use, valid from now on for `validity`.
    static key_ring generate(instant now, std::chrono::days validity);
    /// A key that is in no ring yet: new.
    static key make_key(key_number number, wall_time now, std::chrono::days validity);
    /// What a key is made of: another one of this secret.
    static key key_of(key_number number, const crypto::secret<32>& root);
    /// Throws std::runtime_error with the file's name, the fault and the remedy: missing, unreadable, open to
    /// others than its owner, malformed, no key.
    static key_ring load(const std::filesystem::path& file);
    /// Writes with mode 0600; throws std::runtime_error.
    void save(const std::filesystem::path& file) const;

    /// This key in the place of the one of its number, or beside the others. There are keys_max at most.
    [[nodiscard]] key_ring with(key changed) const;
    /// Without those retired ones that open nothing any more.
    [[nodiscard]] key_ring without_outlived(wall_time now) const;

    /// The key that was taken into use last, of those in date that are not retired: what new credentials are
    /// sealed with. Null when there is none.
    [[nodiscard]] const key* current(wall_time now) const noexcept;
    /// The key of that number, in date or not: who is checked against it decides. Null when unknown.
    [[nodiscard]] const key* find(key_number number) const noexcept;
    /// As current, in date or not: for names that are sealed and stay. Null when none was ever in use.
    [[nodiscard]] const key* newest_in_use() const noexcept;
    /// In the order of the file.
    [[nodiscard]] std::span<const key> keys() const noexcept { return keys_; }

  private:
    explicit key_ring(std::vector<key> keys) noexcept : keys_{std::move(keys)} {}

    std::vector<key> keys_;
};

}  // namespace turnix::credential
