// Endpoints to and from the kernel's socket addresses, copied byte by byte: no casts between socket types.
#pragma once

#include "common/net/endpoint.hpp"

#include <optional>

#include <netinet/in.h>
#include <sys/socket.h>

namespace turnix::net {

/// Fills `out` and returns the length that belongs to it.
socklen_t to_sockaddr(const endpoint& from, sockaddr_storage& out) noexcept;

/// Nothing when the family is neither AF_INET nor AF_INET6 or the length is too small for it.
std::optional<endpoint> from_sockaddr(const sockaddr_storage& from, socklen_t length) noexcept;

}  // namespace turnix::net
