// Who counts as one, where addresses share a limit.
#pragma once

#include "common/net/address.hpp"

#include <algorithm>

namespace turnix::net {

/// An IPv4 address for itself; of an IPv6 address its /64, which is the least that one subscriber has.
inline address source_of(const address& client) noexcept {
    if (client.is_v4()) return client;
    address::v6_bytes prefix{};
    std::ranges::copy(client.bytes().first(prefix.size() / 2), prefix.begin());
    return address{prefix};
}

}  // namespace turnix::net
