// Ports that the kernel gives to nobody who does not name them (net.ipv4.ip_local_reserved_ports).
#pragma once

#include "common/contract/relay_settings.hpp"

#include <string_view>

namespace turnix::io {

/// Is the whole range in a list as the kernel writes it, "3478,49152-65535"?
[[nodiscard]] bool covers(std::string_view reserved, const contract::port_range& range) noexcept;

/// Asks the kernel, for this network namespace. False when it cannot be asked.
[[nodiscard]] bool are_reserved(const contract::port_range& range);

}  // namespace turnix::io
