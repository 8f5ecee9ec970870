// What a relay worker tells the API side about its sessions.
//
// Made on the worker's thread, carried through that worker's single-producer ring, consumed on the control
// thread. Claims are shared, immutable, and counted only at a session's start and end, never per packet.
#pragma once

#include "common/clock/instant.hpp"
#include "common/credential/claims.hpp"
#include "common/net/endpoint.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

namespace turnix::contract {

/// Payload relayed in each direction, without TURN or IP headers. Uplink: client to peer.
struct traffic_counters {
    std::uint64_t uplink_packets{0};
    std::uint64_t uplink_bytes{0};
    std::uint64_t downlink_packets{0};
    std::uint64_t downlink_bytes{0};

    friend bool operator==(const traffic_counters&, const traffic_counters&) = default;
};

enum class end_reason : std::uint8_t {
    client_released,    ///< Refresh with a lifetime of 0
    lifetime_expired,   ///< not refreshed in time
    connection_closed,  ///< the client's TCP or TLS connection ended
    credential_ended,   ///< expiry with on_expiry disconnect, or the latest end of its sessions
    revoked,
    terminated,
    shutdown,      ///< the daemon stopped
    relay_failed,  ///< its relay ports could not follow it to another worker
};

/// Stable text for the store and the API: "client_released", "lifetime_expired", ...
std::string_view to_string(end_reason value) noexcept;

struct session_started {
    session_id id;
    std::shared_ptr<const credential::claims> claims;
    net::endpoint client;
    net::endpoint server;
    net::transport transport{net::transport::udp};
    net::endpoint relayed;  ///< as the client was told it
    wall_time at;
};

/// Interim figures of a live session; `sequence` grows by one with each, those of moves and the end included.
struct session_progress {
    session_id id;
    traffic_counters traffic;
    std::uint32_t sequence{0};
    wall_time at;
};

/// The client is reached elsewhere from here on (RFC 8016). It repeats the start, because another worker may
/// serve the session now, whose events are taken independently of those of the worker that began it: a taker
/// can rely on a session's events in their order only up to its first move, and on `sequence` always.
struct session_moved {
    session_started session;  ///< client, server and transport as they are now; when it began
    traffic_counters traffic;
    std::uint32_t sequence{0};
    wall_time at;
};

struct session_ended {
    session_id id;
    traffic_counters traffic;
    std::uint32_t sequence{0};
    end_reason reason{end_reason::client_released};
    wall_time at;
};

/// What a holder has used up: see credential::limits and project_limits.
enum class quota : std::uint8_t {
    credential_allocations,
    credential_bytes,
    credential_bitrate,
    credential_packet_rate,
    project_allocations,
    project_session_rate,
    project_bytes,
    project_bitrate,
    project_packet_rate,
};

/// Stable text for the API: "credential_allocations", ...
std::string_view to_string(quota value) noexcept;

/// A new session was refused, or a live one's datagrams are dropped. Told now and then while it lasts.
struct quota_exceeded {
    quota which{quota::credential_allocations};
    project_id project;
    credential_id credential;
    std::optional<session_id> session;  ///< the one whose datagrams are dropped
    wall_time at;
};

using session_event =
    std::variant<session_started, session_progress, session_moved, session_ended, quota_exceeded>;

/// Where a worker's protocol core leaves its events. Called on the worker's thread, never per packet.
class session_observer {
  public:
    session_observer() = default;
    session_observer(const session_observer&) = delete;
    session_observer& operator=(const session_observer&) = delete;
    virtual ~session_observer() = default;

    virtual void on_session_event(session_event event) = 0;
};

}  // namespace turnix::contract
