#include "relay/turn/peer_policy.hpp"

#include "common/net/special_ranges.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>

namespace turnix::turn {
namespace {

bool contains(std::span<const net::cidr> ranges, const net::address& candidate) noexcept {
    return std::ranges::any_of(ranges,
                               [&](const net::cidr& range) noexcept { return range.contains(candidate); });
}

// Does the address stand for what it holds? Otherwise its IPv4 is only told apart to name the rule.
bool is_taken_at_its_word(embedding form) noexcept {
    return form == embedding::none || form == embedding::nat64_configured;
}

}  // namespace

std::string_view to_string(peer_verdict verdict) noexcept {
    switch (verdict) {
        case peer_verdict::public_address:
            return "public_address";
        case peer_verdict::configured_allow:
            return "configured_allow";
        case peer_verdict::unsafe_allow:
            return "unsafe_allow";
        case peer_verdict::node_relay:
            return "node_relay";
        case peer_verdict::node_other:
            return "node_other";
        case peer_verdict::never_allowed:
            return "never_allowed";
        case peer_verdict::embedded_ipv4:
            return "embedded_ipv4";
        case peer_verdict::configured_deny:
            return "configured_deny";
        case peer_verdict::special_purpose:
            return "special_purpose";
    }
    return "unknown";
}

peer_policy::peer_policy(const contract::peer_settings& settings, const node_ports& own)
    : own_{&own},
      never_allowed_{net::unreachable_ranges()},
      special_purpose_{net::special_purpose_ranges()},
      deny_{settings.deny},
      allow_{settings.allow},
      unsafe_allow_{settings.unsafe_allow},
      nat64_prefix_{settings.nat64_prefix} {
    if (nat64_prefix_ && (nat64_prefix_->prefix().is_v4() || nat64_prefix_->length() != 96)) {
        throw std::invalid_argument{"the NAT64 prefix " + nat64_prefix_->to_string() + " is not an IPv6 /96"};
    }
}

peer_verdict peer_policy::permission(const net::address& peer) const noexcept {
    const auto reduced = canonical(peer, nat64_prefix_);
    if (is_unsafely_allowed(peer, reduced)) return peer_verdict::unsafe_allow;
    if (!own_->is_own(reduced.address)) return foreign(peer, reduced);
    return own_->is_relay(peer) ? peer_verdict::node_relay : peer_verdict::node_other;
}

peer_verdict peer_policy::endpoint(const net::endpoint& peer) const noexcept {
    const auto reduced = canonical(peer.address, nat64_prefix_);
    if (is_unsafely_allowed(peer.address, reduced)) return peer_verdict::unsafe_allow;
    if (!own_->is_own(reduced.address)) return foreign(peer.address, reduced);
    return own_->local_of(peer) ? peer_verdict::node_relay : peer_verdict::node_other;
}

bool peer_policy::is_unsafely_allowed(const net::address& written,
                                      const canonical_address& peer) const noexcept {
    return contains(unsafe_allow_, written) ||
           (is_taken_at_its_word(peer.form) && contains(unsafe_allow_, peer.address));
}

peer_verdict peer_policy::foreign(const net::address& written, const canonical_address& peer) const noexcept {
    if (contains(never_allowed_, peer.address)) return peer_verdict::never_allowed;
    if (!is_taken_at_its_word(peer.form)) return peer_verdict::embedded_ipv4;
    if (contains(allow_, peer.address)) return peer_verdict::configured_allow;
    if (contains(deny_, peer.address) || contains(deny_, written)) return peer_verdict::configured_deny;
    if (contains(special_purpose_, peer.address)) return peer_verdict::special_purpose;
    return peer_verdict::public_address;
}

}  // namespace turnix::turn
