// What the nodes know in common beside who they are: an override of credentials, say. A fact is opaque here;
// of two about the same thing the one with the greater version counts, wherever and in whatever order they
// arrive.
//
//   format 1 | kind 1 | signer, 16 | version, 8 | until, 8 | length 1, key | length 2, body | Ed25519
//   signature, 64
//
// A node signs what it makes, and what it found in its own store at start; others pass it on as it is.
#pragma once

#include "api/fleet/gossip/identity.hpp"
#include "api/fleet/gossip/limits.hpp"
#include "common/credential/field_codec.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace turnix::gossip {

/// A node carries those of a later version, too.
enum class fact_kind : std::uint8_t {
    credential_override = 1,
    organisation,
    project,
    project_link,
    token,
    fleet_key,
    held_keys
};

/// Of kind and key of a fact; the same on every node.
using fact_key = std::uint64_t;

struct fact {
    fact_kind kind{fact_kind::credential_override};
    std::vector<std::byte> key;  ///< what it is about
    std::vector<std::byte> body;
    /// No two nodes give the same one: see model::version_clock.
    std::uint64_t version{0};
    std::chrono::sys_seconds until;  ///< from then on it means nothing any more

    [[nodiscard]] fact_key hashed_key() const noexcept;

    friend bool operator==(const fact&, const fact&) = default;
};

struct signed_fact {
    fact values;
    node_id signer;
    crypto::ed25519_signature signature{};
};

/// Bytes of a fact with such a key and such a body, signed. What has more than fact_bytes_max cannot be told.
[[nodiscard]] constexpr std::size_t fact_bytes(std::size_t key_bytes, std::size_t body_bytes) noexcept {
    constexpr std::size_t fixed =
        1 + 1 + sizeof(node_id::bytes) + 8 + 8 + 1 + 2 + sizeof(crypto::ed25519_signature);
    return fixed + key_bytes + body_bytes;
}
[[nodiscard]] std::size_t size_of(const signed_fact& told) noexcept;

[[nodiscard]] signed_fact sign(fact values, const node_id& signer, const crypto::ed25519_key& key);
[[nodiscard]] bool is_signed_by(const signed_fact& told, const crypto::ed25519_public_key& key);

/// size_of bytes.
void write(credential::field_writer& to, const signed_fact& told) noexcept;
/// Nothing when the bytes are no fact. Says nothing of the signature.
[[nodiscard]] std::optional<signed_fact> read_fact(std::span<const std::byte> bytes);

}  // namespace turnix::gossip
