// Where a client may send: the rules for peers, asked at CreatePermission, ChannelBind and Send.
//
// Built once from the settings, immutable, shared by any number of threads; checks neither allocate nor lock.
// The rules in their order, first match decides:
//   1. unsafe_allow                                                  allowed (for tests)
//   2. a relay port of this node that is allocated at this moment    allowed, loopback included
//      any other port on an address of this node                     denied
//   3. loopback, unspecified, multicast, broadcast, link-local       denied
//   4. IPv4 inside IPv6, other than under the NAT64 prefix           denied
//   5. allow                                                         allowed
//   6. deny                                                          denied
//   7. special-purpose ranges (docs/security.md)                     denied
//   8. everything else                                               allowed
// Addresses under the NAT64 prefix are decoded and then go through the rules as IPv4.
//
// A verdict on an address for which node_ports::is_own is true holds for one datagram; any other holds as
// long as the policy, so that a channel to a foreign peer needs no check per packet.
#pragma once

#include "common/contract/relay_settings.hpp"
#include "common/net/cidr.hpp"
#include "common/net/endpoint.hpp"
#include "relay/turn/canonical.hpp"
#include "relay/turn/node_ports.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace turnix::turn {

/// The rule that decided. Those that allow come first.
enum class peer_verdict : std::uint8_t {
    public_address,    ///< no rule is against it
    configured_allow,  ///< `allow`
    unsafe_allow,      ///< `unsafe_allow`
    node_relay,        ///< a relay port of this node, or (for a permission) an address with such ports

    node_other,       ///< an address of this node, but no relay port
    never_allowed,    ///< loopback, unspecified, multicast, broadcast or link-local, however written
    embedded_ipv4,    ///< IPv4 inside IPv6
    configured_deny,  ///< `deny`
    special_purpose,  ///< private or reserved
};

[[nodiscard]] constexpr bool is_allowed(peer_verdict verdict) noexcept {
    return verdict < peer_verdict::node_other;
}

/// The enumerator's name: stable text for metrics and logs.
std::string_view to_string(peer_verdict verdict) noexcept;

class peer_policy {
  public:
    /// `own` outlives the policy. Throws std::invalid_argument when the NAT64 prefix is no IPv6 /96.
    peer_policy(const contract::peer_settings& settings, const node_ports& own);

    /// For CreatePermission, which names no port: this node's own relay addresses are allowed, and which of
    /// their ports may be reached is decided by `endpoint` for each datagram.
    [[nodiscard]] peer_verdict permission(const net::address& peer) const noexcept;

    /// For ChannelBind and Send, and for the source of a datagram from a peer: own addresses may be given as
    /// clients know them or as the kernel shows them.
    [[nodiscard]] peer_verdict endpoint(const net::endpoint& peer) const noexcept;

  private:
    [[nodiscard]] bool is_unsafely_allowed(const net::address& written,
                                           const canonical_address& peer) const noexcept;
    [[nodiscard]] peer_verdict foreign(const net::address& written,
                                       const canonical_address& peer) const noexcept;

    const node_ports* own_;
    std::vector<net::cidr> never_allowed_;
    std::vector<net::cidr> special_purpose_;
    std::vector<net::cidr> deny_;
    std::vector<net::cidr> allow_;
    std::vector<net::cidr> unsafe_allow_;
    std::optional<net::cidr> nat64_prefix_;
};

}  // namespace turnix::turn
