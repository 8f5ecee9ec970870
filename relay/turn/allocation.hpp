// One allocation (RFC 8656 §2.2): a client's 5-tuple, the relay port opened for it, and whom it may talk to.
//
// Owned by its worker's allocation table, used on that thread.
#pragma once

#include "common/clock/instant.hpp"
#include "common/contract/session_event.hpp"
#include "relay/stun/attributes.hpp"
#include "relay/stun/message_header.hpp"
#include "relay/turn/credential_cache.hpp"
#include "relay/turn/node_admission.hpp"
#include "relay/turn/peer_table.hpp"
#include "relay/turn/relay_ports.hpp"
#include "relay/turn/routes.hpp"
#include "relay/turn/token_bucket.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace turnix::turn {

struct allocation {
    client_path path;
    relay_port port;
    peer_table peers;
    contract::traffic_counters traffic;

    shared_credential credential;
    admission_lease lease;
    session_id session;
    std::uint32_t slot{0};  ///< in the allocation table
    token_bucket new_peers;

    /// What the Allocate was answered with, for its retransmissions.
    stun::transaction_id allocate_transaction;
    std::chrono::seconds allocate_lifetime{0};
    std::optional<stun::reservation_token> reservation;

    /// Why it would end at its deadline: not refreshed, or the end of what its credential grants.
    contract::end_reason deadline_reason{contract::end_reason::lifetime_expired};

    /// Of the last session_progress, and the packets it reported.
    std::uint32_t sequence{0};
    std::uint64_t packets_reported{0};
};

}  // namespace turnix::turn
