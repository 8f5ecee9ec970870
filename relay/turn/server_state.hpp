// What the handlers of one worker's protocol core share. Used on the worker's thread.
#pragma once

#include "relay/turn/connection_table.hpp"
#include "relay/turn/counters.hpp"
#include "relay/turn/credential_overrides.hpp"
#include "relay/turn/credential_source.hpp"
#include "relay/turn/distant_sessions.hpp"
#include "relay/turn/mobility_ticket.hpp"
#include "relay/turn/node_admission.hpp"
#include "relay/turn/peer_policy.hpp"
#include "relay/turn/random_pool.hpp"
#include "relay/turn/server.hpp"
#include "relay/turn/session_book.hpp"
#include "relay/turn/stranger_share.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace turnix::turn {

/// The longest answer is a 401 with the longest realm (RFC 8489 §14.9: 763 bytes).
inline constexpr std::size_t answer_bytes_max = 1024;

struct server_state {
    explicit server_state(const server_environment& from)
        : environment{from},
          random{from.random},
          policy{from.settings.peers, from.own_ports},
          credentials{from.keys, from.settings.realm, from.interop},
          tickets{from.mobility.key()},
          sessions{from, random, counters} {}

    /// Silence, and why.
    client_effect drop(drop_reason reason) noexcept {
        counters.count_drop(reason);
        return silence{};
    }

    /// Of this worker, or on its way to or from another one.
    [[nodiscard]] bool has_allocation(const client_path& path) const noexcept {
        return sessions.find(path) != nullptr || distant.contains(path);
    }

    server_environment environment;
    random_pool random;
    stranger_share strangers;
    peer_policy policy;
    credential_source credentials;
    ticket_sealer tickets;
    distant_sessions distant;
    credential_overrides overrides;
    server_counters counters;
    session_book sessions;
    bool draining{false};
    /// What the last CONNECTION-BIND took, until it is moved from.
    std::optional<waiting_connection> bound;
    /// Where answers are written; each holds until the next.
    std::array<std::byte, answer_bytes_max> answer_buffer{};
};

}  // namespace turnix::turn
