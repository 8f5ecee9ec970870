// What ICMP says about datagrams that a socket sent, from its error queue (IP_RECVERR, IPV6_RECVERR).
//
// While an error waits, the kernel reports it once through whatever call comes next, in that call's place.
#pragma once

#include "common/net/endpoint.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/stun/attributes.hpp"

#include <cstdint>
#include <optional>

namespace turnix::io {

struct queued_error {
    net::endpoint sent_to;  ///< without the port where this host refused an IPv4 datagram of its own
    /// What a router would say of a datagram that was too big for this host's own link; nothing when this
    /// host refused it for another reason.
    std::optional<stun::icmp_error> icmp{};
    bool is_refusal{false};  ///< by this host, told once for each attempt to send
};

/// What ICMP says of a datagram that must not be fragmented and is too big for a link of that MTU.
stun::icmp_error too_big(net::family family, std::uint32_t mtu) noexcept;

/// Takes the oldest error off the queue; nothing when it is empty.
std::optional<queued_error> take_error(const file_descriptor& socket) noexcept;

}  // namespace turnix::io
