// Who asks, when trusted proxies stand between: X-Forwarded-For, read from its end.
#pragma once

#include "common/net/cidr.hpp"

#include <span>
#include <string_view>

namespace turnix::http {

/// The last address of `peer` and the list before it that is not a trusted proxy's: an entry is believed only
/// when the one to its right is trusted. What is malformed ends the walk.
[[nodiscard]] net::address client_address(const net::address& peer, std::string_view forwarded_for,
                                          std::span<const net::cidr> trusted_proxies);

}  // namespace turnix::http
