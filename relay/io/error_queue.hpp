// What ICMP says about datagrams that a socket sent, from its error queue (IP_RECVERR, IPV6_RECVERR).
//
// While an error waits, the kernel reports it once through whatever call comes next, in that call's place.
#pragma once

#include "common/net/endpoint.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/stun/attributes.hpp"

#include <optional>

namespace turnix::io {

struct queued_error {
    net::endpoint sent_to;
    std::optional<stun::icmp_error> icmp;  ///< nothing when this host raised it itself
};

/// Takes the oldest error off the queue; nothing when it is empty.
std::optional<queued_error> take_error(const file_descriptor& socket) noexcept;

}  // namespace turnix::io
