// The keys of the fleet's ring, and which node holds which of them, as facts that the nodes share.
//
//   fleet_key   key number 2    body not before 8 | not after 8 | in use since 8, 0 for new | retired 1 |
//   secret, 32 held_keys   key node, 16    body number that seals 2 | count 1 | (number 2 | fingerprint, 4)
//   each
//
// A key is readable for whoever can read the gossip: it is as secret as the key that the gossip is sealed
// under. The version of a retired one is final, see model::shared_record.
#pragma once

#include "api/fleet/gossip/fact.hpp"
#include "common/credential/key_ring.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace turnix::fleet {

/// Under its own version.
[[nodiscard]] gossip::fact fact_of(const credential::key& made);
/// Nothing when the fact is no key.
[[nodiscard]] std::optional<credential::key> key_of(const gossip::fact& told);

/// What a node has of the ring.
struct held_keys {
    struct entry {
        credential::key_number number{0};
        credential::key_fingerprint print{};

        friend bool operator==(const entry&, const entry&) = default;
    };

    gossip::node_id node;
    credential::key_number sealing{0};  ///< the one that it seals with
    std::vector<entry> entries;

    [[nodiscard]] bool has(const credential::key& key) const;

    friend bool operator==(const held_keys&, const held_keys&) = default;
};

[[nodiscard]] held_keys held_by(const gossip::node_id& node, const credential::key_ring& ring, wall_time now);
[[nodiscard]] gossip::fact fact_of(const held_keys& made, std::uint64_t version);
/// Nothing when the fact is none.
[[nodiscard]] std::optional<held_keys> held_keys_of(const gossip::fact& told);

}  // namespace turnix::fleet
