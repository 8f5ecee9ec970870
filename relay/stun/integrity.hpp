// MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and the keys of the long-term credential mechanism
// (RFC 8489 §9.2, §14.5, §14.6). Compared in constant time. Any thread; nothing throws.
#pragma once

#include "common/crypto/digest.hpp"
#include "relay/stun/message_view.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace turnix::stun {

/// Each already prepared with OpaqueString (RFC 8265), which leaves printable ASCII as it is.
struct long_term_credential {
    std::string_view username;
    std::string_view realm;
    std::string_view password;
};

/// MD5(username ":" realm ":" password): the key of PASSWORD-ALGORITHM MD5 and of clients that send none.
[[nodiscard]] crypto::md5_digest long_term_key_md5(const long_term_credential& credential) noexcept;
/// SHA-256 of the same: the key of PASSWORD-ALGORITHM SHA-256.
[[nodiscard]] crypto::sha256_digest long_term_key_sha256(const long_term_credential& credential) noexcept;

/// USERHASH of a name, both already prepared as above (RFC 8489 §14.4): SHA-256(username ":" realm).
[[nodiscard]] crypto::sha256_digest user_hash(std::string_view username, std::string_view realm) noexcept;

/// Is MESSAGE-INTEGRITY there, and made with this key over what stands before it?
[[nodiscard]] bool has_valid_message_integrity(const message_view& message,
                                               std::span<const std::byte> key) noexcept;

/// The same for MESSAGE-INTEGRITY-SHA256. The whole MAC is demanded: RFC 8489 §14.6 leaves it to a usage to
/// allow fewer bytes, and RFC 8656 does not.
[[nodiscard]] bool has_valid_message_integrity_sha256(const message_view& message,
                                                      std::span<const std::byte> key) noexcept;

}  // namespace turnix::stun
