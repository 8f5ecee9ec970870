#include "relay/turn/peer_policy.hpp"

#include <algorithm>
#include <initializer_list>
#include <span>
#include <stdexcept>

namespace turnix::turn {
namespace {

// What no configuration opens, IPv4 then IPv6.
constexpr auto never_allowed_ranges = {
    "0.0.0.0/8",           // this network, unspecified
    "127.0.0.0/8",         // loopback
    "169.254.0.0/16",      // link-local, clouds' metadata services
    "224.0.0.0/4",         // multicast
    "255.255.255.255/32",  // broadcast
    "::/128",              // unspecified
    "::1/128",             // loopback
    "fe80::/10",           // link-local
    "ff00::/8",            // multicast
};

// The IANA special-purpose registries and what lies beside them, as far as `allow` can open it.
constexpr auto special_purpose_ranges = {
    "10.0.0.0/8",        // private
    "100.64.0.0/10",     // carriers' shared addresses
    "172.16.0.0/12",     // private
    "192.0.0.0/24",      // protocol assignments
    "192.0.2.0/24",      // documentation
    "192.31.196.0/24",   // AS112
    "192.52.193.0/24",   // AMT
    "192.88.99.0/24",    // 6to4 relays
    "192.168.0.0/16",    // private
    "192.175.48.0/24",   // AS112
    "198.18.0.0/15",     // benchmarks
    "198.51.100.0/24",   // documentation
    "203.0.113.0/24",    // documentation
    "240.0.0.0/4",       // reserved
    "168.63.129.16/32",  // a cloud's host agent
    "::/3",              // this range and the next two: all but 2000::/3, which is global unicast
    "4000::/2",
    "8000::/1",
    "2001::/23",          // protocol assignments
    "2001:db8::/32",      // documentation
    "2002::/16",          // 6to4
    "2620:4f:8000::/48",  // AS112
    "3fff::/20",          // documentation
};

std::vector<net::cidr> parsed(std::initializer_list<const char*> texts) {
    std::vector<net::cidr> ranges;
    ranges.reserve(texts.size());
    for (const auto* const text : texts) ranges.push_back(net::cidr::parse(text).value());
    return ranges;
}

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
      never_allowed_{parsed(never_allowed_ranges)},
      special_purpose_{parsed(special_purpose_ranges)},
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
