// What a node says of itself, signed by it, so that others can pass it on.
//
//   version 1 | node, 16 | incarnation, 8 | sequence, 4 | state 1 | sessions, 4 | sessions at most, 4 |
//   ports of udp, tcp, tls, dtls, 2 each | what a later version adds | Ed25519 signature, 64
//
// A node begins every start with an incarnation that it never had, and takes the next one to refute that it
// is dead; the sequence counts what it says within one.
#pragma once

#include "api/fleet/gossip/identity.hpp"
#include "api/fleet/gossip/limits.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace turnix::gossip {

struct record_version {
    std::uint64_t incarnation{0};
    std::uint32_t sequence{0};

    friend auto operator<=>(const record_version&, const record_version&) noexcept = default;
};

enum class declared_state : std::uint8_t { serving = 1, draining, left };

/// The ports at which clients reach a node; 0 is not served.
struct served_ports {
    std::uint16_t udp{0};
    std::uint16_t tcp{0};
    std::uint16_t tls{0};
    std::uint16_t dtls{0};

    friend bool operator==(const served_ports&, const served_ports&) = default;
};

/// What a node says beside who it is.
struct node_status {
    declared_state state{declared_state::serving};
    std::uint32_t sessions{0};
    std::uint32_t sessions_max{0};
    served_ports ports{};

    friend bool operator==(const node_status&, const node_status&) = default;
};

struct node_record {
    node_id node;
    record_version version;
    node_status status;
};

/// A record with the bytes that its node signed.
struct signed_record {
    node_record values;
    std::vector<std::byte> bytes;
};

[[nodiscard]] signed_record sign(const node_record& values, const crypto::ed25519_key& key);

/// Nothing when the bytes are no record. Says nothing of the signature.
[[nodiscard]] std::optional<signed_record> read_record(std::span<const std::byte> bytes);

[[nodiscard]] bool is_signed_by(const signed_record& record, const crypto::ed25519_public_key& key) noexcept;

}  // namespace turnix::gossip
