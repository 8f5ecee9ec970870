// Datagrams between nodes: sealed with AES-256-GCM under a key that is derived for one start of one node.
//
//   version 1 | key number, 2 | sender, 16 | salt, 32 | counter, 8 | ciphertext | tag, 16
//   key = HKDF-SHA256(secret of the key ring, salt | sender, "turnix gossip v1")
//
// The salt is random at each start of the sender, and the counter never repeats under it, so that neither two
// nodes nor a restored snapshot can seal twice with one nonce. What stands before the ciphertext and the
// recipient's id are authenticated along: a datagram is for one node only. An owner's thread.
#pragma once

#include "api/fleet/gossip/identity.hpp"
#include "api/fleet/gossip/limits.hpp"
#include "common/clock/instant.hpp"
#include "common/credential/key_ring.hpp"
#include "common/crypto/aes_gcm.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace turnix::gossip {

using boot_salt = std::array<std::uint8_t, 32>;
using key_ring_pointer = std::shared_ptr<const credential::key_ring>;

struct opened_datagram {
    node_id sender;
    boot_salt salt{};
    std::uint64_t counter{0};
    std::vector<std::byte> plain;
};

class envelope {
  public:
    static constexpr std::size_t header_bytes = 1 + 2 + sizeof(node_id::bytes) + sizeof(boot_salt) + 8;
    static constexpr std::size_t plain_bytes_max =
        datagram_bytes_max - header_bytes - crypto::aes_gcm::tag_bytes;

    envelope(const node_id& self, const boot_salt& salt, key_ring_pointer keys)
        : self_{self}, salt_{salt}, keys_{std::move(keys)} {}

    /// From here on these keys count.
    void use(key_ring_pointer keys);

    /// Under the ring's current key; for a recipient that has not sealed with it since it started, once more
    /// under the one that it was heard with: it may not have the current one yet. Nothing when no key is in
    /// date; `plain` has at most plain_bytes_max.
    [[nodiscard]] std::vector<std::vector<std::byte>> seal(const node_id& to,
                                                           std::span<const std::byte> plain, wall_time now);
    /// Nothing when the datagram was not sealed for this node with a key of the ring, in date or not, but not
    /// retired.
    [[nodiscard]] std::optional<opened_datagram> open(std::span<const std::byte> datagram);

  private:
    struct keyed {
        credential::key_number number{0};
        boot_salt salt{};
        crypto::aes_gcm cipher;
    };

    /// The key that a start of a node was heard with: the current one, once it was.
    struct heard_with {
        boot_salt salt{};
        credential::key_number number{0};
    };
    void note(const opened_datagram& from, credential::key_number number);

    /// The key of one start of a sender.
    [[nodiscard]] static keyed derive(const credential::key& from, const node_id& sender,
                                      const boot_salt& salt) noexcept;

    [[nodiscard]] std::vector<std::byte> seal_with(keyed& own, const node_id& to,
                                                   std::span<const std::byte> plain);
    /// What the recipient may know instead of that key; null when there is no other.
    [[nodiscard]] const credential::key* other_key_of(const node_id& recipient,
                                                      const credential::key& current) const noexcept;

    node_id self_;
    boot_salt salt_;
    key_ring_pointer keys_;
    std::uint64_t counter_{0};
    std::optional<keyed> own_;
    std::map<node_id, keyed> others_;  ///< the last key that opened something of each sender
    std::map<node_id, heard_with> heard_;
};

}  // namespace turnix::gossip
