// The binary form of claims, as it is encrypted into a username. Integers in network order.
//
//   presence(1) | options(2) | credential id(16) | project id(16) | token id(16)
//   issued at(5) | expires at(5) | sessions end at(5)           seconds since 1970
//   then, each only when its presence bit is set, that of the packet rate among the options:
//   room, initiator, receiver, region                           characters(1) | 6 bits a character
//   bit rate(8) | bytes(8) | allocations(2) | packet rate(4)    limits, never 0
//   allowed client(4 or 16)
//
// There is one encoding of each value, and only it decodes: no zero limit, no empty name, no reserved bit, no
// set padding, no trailing byte.
#pragma once

#include "common/credential/claims.hpp"
#include "common/credential/names.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>

namespace turnix::credential {

inline constexpr std::size_t claims_time_bytes = 5;
inline constexpr std::size_t claims_bytes_min =
    1 + 2 + 3 * sizeof(detail::identifier_bytes) + 3 * claims_time_bytes;
inline constexpr std::size_t claims_bytes_max =
    claims_bytes_min + 3 * (1 + packed_name_bytes(name_characters_max)) +
    (1 + packed_name_bytes(region_characters_max)) + 8 + 8 + 2 + 4 + sizeof(net::address::v6_bytes);

using claims_buffer = std::array<std::byte, claims_bytes_max>;

/// A view of what was written into `into`; nothing when a name, the region, a time (0 to 2^40 - 1 seconds) or
/// the set of transports is out of its bounds.
std::optional<std::span<const std::byte>> encode(const claims& what, claims_buffer& into) noexcept;
/// Nothing unless the bytes are what encode makes of some claims.
std::optional<claims> decode(std::span<const std::byte> bytes);

}  // namespace turnix::credential
