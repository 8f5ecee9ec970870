// The one function that reduces a peer's address to one form before any rule looks at it, so that an IPv4
// address cannot pass a rule by being written as IPv6.
//
// Pure values, any thread, no allocation. Sources: RFC 4291 §2.5.5 (compatible, mapped), RFC 2765 §2.1
// (translated), RFC 6052 §2.2 and RFC 8215 (NAT64), RFC 3056 §2 (6to4), RFC 4380 §4 (Teredo),
// RFC 5214 §6.1 (ISATAP).
#pragma once

#include "common/net/cidr.hpp"

#include <cstdint>
#include <optional>

namespace turnix::turn {

/// How an address holds an IPv4 address, and in which of its bytes (0 to 15).
enum class embedding : std::uint8_t {
    none,              ///< it stands for itself: IPv4, or IPv6 without IPv4 inside
    compatible,        ///< ::/96, bytes 12-15; :: and ::1 stand for themselves
    mapped,            ///< ::ffff:0:0/96, bytes 12-15
    translated,        ///< ::ffff:0:0:0/96, bytes 12-15
    nat64_well_known,  ///< 64:ff9b::/96, bytes 12-15
    nat64_local,       ///< 64:ff9b:1::/48, bytes 6, 7, 9 and 10: RFC 6052's place under a /48
    six_to_four,       ///< 2002::/16, bytes 2-5: the gateway
    teredo,            ///< 2001::/32, bytes 12-15 inverted: the client behind the server of bytes 4-7
    isatap,            ///< interface identifier 0:5efe or 200:5efe under any prefix, bytes 12-15
    nat64_configured,  ///< the network's own NAT64 prefix, bytes 12-15
};

struct canonical_address {
    /// The IPv4 address inside when there is one, else the address as it was written.
    net::address address;
    embedding form{embedding::none};

    friend bool operator==(const canonical_address&, const canonical_address&) = default;
};

/// `nat64_prefix` is the network's own, an IPv6 /96; it comes before every other form.
[[nodiscard]] canonical_address canonical(const net::address& written,
                                          const std::optional<net::cidr>& nat64_prefix) noexcept;

}  // namespace turnix::turn
