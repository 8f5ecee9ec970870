// MOBILITY-TICKET (RFC 8016 §3.3): names a session and its user to this node only.
//
//   59 characters of base64url:  | AES-SIV tag, 16 bytes | session, 16 | user, 8 | number, 4 |
//
// Sealed under a random key of this start of the daemon. A ticket is one that this node gave out, or it does
// not open: forged ones cost a decryption of 28 bytes and nothing else. Text, because some clients keep it as
// a C string. A sealer belongs to one worker.
#pragma once

#include "common/credential/identifiers.hpp"
#include "common/crypto/aes_siv.hpp"
#include "common/crypto/base64url.hpp"
#include "common/crypto/secret.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace turnix::turn {

using ticket_key = crypto::secret<crypto::aes_siv::key_bytes>;

struct mobility_ticket {
    using user_digest = std::array<std::byte, 8>;

    session_id session;
    user_digest user{};
    /// The session's tickets are numbered from 1 on.
    std::uint32_t number{0};

    /// Of a username.
    static user_digest digest_of(std::string_view username) noexcept;
};

class ticket_sealer {
  public:
    static constexpr std::size_t plain_bytes = 16 + 8 + 4;
    static constexpr std::size_t sealed_bytes = crypto::aes_siv::tag_bytes + plain_bytes;
    static constexpr std::size_t characters = crypto::base64url_length(sealed_bytes);
    using text = std::array<char, characters>;

    explicit ticket_sealer(const ticket_key& key) noexcept : cipher_{std::as_bytes(key.bytes())} {}

    /// The same text for the same ticket.
    [[nodiscard]] text seal(const mobility_ticket& ticket) noexcept;
    /// Nothing when it is none of this node's.
    [[nodiscard]] std::optional<mobility_ticket> open(std::span<const std::byte> value) noexcept;

  private:
    crypto::aes_siv cipher_;
};

}  // namespace turnix::turn
