// Who a node of the fleet is: its Ed25519 key, which regions.yaml pins, and a short name made from it.
#pragma once

#include "common/credential/identifiers.hpp"
#include "common/crypto/ed25519.hpp"
#include "common/net/endpoint.hpp"

namespace turnix::gossip {

using node_id = identifier<struct node_tag>;

/// The first 16 bytes of the key's SHA-256.
[[nodiscard]] node_id node_id_of(const crypto::ed25519_public_key& key) noexcept;

/// A node as this one's configuration knows it. Datagrams go to this address, wherever others come from.
struct known_node {
    known_node() = default;
    known_node(const crypto::ed25519_public_key& pinned, const net::endpoint& at) noexcept
        : id{node_id_of(pinned)}, key{pinned}, address{at} {}

    node_id id;
    crypto::ed25519_public_key key{};
    net::endpoint address;

    friend bool operator==(const known_node&, const known_node&) = default;
};

}  // namespace turnix::gossip
