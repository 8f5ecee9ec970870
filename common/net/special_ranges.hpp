// Address ranges that are no place on the public Internet, after the IANA special-purpose registries.
#pragma once

#include "common/net/cidr.hpp"

#include <vector>

namespace turnix::net {

/// What nobody has business with from outside: unspecified, loopback, link-local (metadata services),
/// multicast, broadcast.
std::vector<cidr> unreachable_ranges();
/// Private, shared, documentation, reserved; of IPv6 everything but 2000::/3, and what is special in that.
std::vector<cidr> special_purpose_ranges();

}  // namespace turnix::net
