// How many descriptors the process may open: each session needs one, each TCP or TLS client another.
#pragma once

#include <cstdint>

namespace turnix::daemon {

/// Raises the soft limit to the hard one and returns what is in force then.
std::uint64_t raise_descriptor_limit() noexcept;

}  // namespace turnix::daemon
