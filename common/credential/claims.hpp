// What a credential says of its holder. Sealed into the username, opened by any relay of the fleet.
#pragma once

#include "common/clock/instant.hpp"
#include "common/credential/identifiers.hpp"
#include "common/net/endpoint.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace turnix::credential {

/// Which end of the call a credential was made for.
enum class party : std::uint8_t { any, initiator, receiver };
/// What a relay may be used to reach.
enum class peer_scope : std::uint8_t { any, room, relays };
/// What happens to a live allocation when its credential expires: refreshes go on, or they are refused.
enum class on_expiry : std::uint8_t { keep, disconnect };

/// Zero means no limit of its own.
struct limits {
    std::uint64_t bitrate_bps_max{0};
    std::uint32_t packets_per_second_max{0};
    std::uint64_t bytes_max{0};
    std::uint16_t allocations_max{0};

    friend bool operator==(const limits&, const limits&) = default;
};

/// The transports between client and server that a credential may be used over.
struct transport_set {
    std::uint8_t bits{0x0f};

    [[nodiscard]] constexpr bool contains(net::transport value) const noexcept {
        return ((bits >> static_cast<unsigned>(value)) & 1U) != 0;
    }
    friend bool operator==(const transport_set&, const transport_set&) = default;
};

/// For what never ends: the last second of the year 9999.
inline constexpr std::chrono::sys_seconds no_end{std::chrono::seconds{253'402'300'799}};

/// Names (room, clients) have at most 100 characters out of A-Z a-z 0-9 - _, region slugs at most 32;
/// empty where absent.
struct claims {
    credential_id id;
    project_id project;
    token_id token;
    std::chrono::sys_seconds issued_at;
    std::chrono::sys_seconds expires_at;
    /// A session under this credential ends here at the latest, whatever is refreshed.
    std::chrono::sys_seconds sessions_end_at;
    std::string room;
    std::string initiator_client;
    std::string receiver_client;
    std::string region;  ///< where it was issued for; recorded, never enforced
    party role{party::any};
    peer_scope scope{peer_scope::any};
    on_expiry expiry{on_expiry::keep};
    transport_set transports;
    credential::limits limits;
    std::optional<net::address> allowed_client;

    friend bool operator==(const claims&, const claims&) = default;
};

}  // namespace turnix::credential
