#include "api/fleet/gossip/identity.hpp"

#include "common/crypto/digest.hpp"

#include <algorithm>

namespace turnix::gossip {

node_id node_id_of(const crypto::ed25519_public_key& key) noexcept {
    const auto digest = crypto::sha256({key});
    node_id made;
    std::ranges::copy(std::span{digest}.first<sizeof made.bytes>(),
                      std::as_writable_bytes(std::span{made.bytes}).begin());
    return made;
}

}  // namespace turnix::gossip
