// One allocation (RFC 8656 §2.2): a client's 5-tuple, the relay ports opened for it, whom it may talk to.
//
// Owned by its worker's allocation table, used on that thread.
#pragma once

#include "common/clock/instant.hpp"
#include "common/contract/session_event.hpp"
#include "relay/stun/attributes.hpp"
#include "relay/stun/error_code.hpp"
#include "relay/stun/message_header.hpp"
#include "relay/turn/known_credential.hpp"
#include "relay/turn/mobile_client.hpp"
#include "relay/turn/node_admission.hpp"
#include "relay/turn/peer_connections.hpp"
#include "relay/turn/peer_table.hpp"
#include "relay/turn/relay_ports.hpp"
#include "relay/turn/routes.hpp"
#include "relay/turn/token_bucket.hpp"
#include "relay/turn/traffic_budget.hpp"

#include <boost/container/static_vector.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace turnix::turn {

/// A relay port and how long it lives: in a dual allocation each family is refreshed for itself (RFC 8656
/// §8.1).
struct relayed_port {
    relay_port port;
    monotonic_time deadline{};
    /// Why it would end then: not refreshed, or the end of what the credential grants.
    contract::end_reason deadline_reason{contract::end_reason::lifetime_expired};

    [[nodiscard]] net::family family() const noexcept { return port.local.address.family(); }
};

/// The family that a dual Allocate did not get, and why (RFC 8656 §7.2 step 9).
struct refused_family {
    net::family family;
    stun::error_code reason;
};

struct allocation {
    /// What every datagram needs comes first, up to `last_activity`, in so many bytes.
    static constexpr std::size_t hot_bytes = 408;

    client_path path;
    std::unique_ptr<mobile_client> mobile;  ///< null when its client stays where it is
    /// Null when the allocation relays datagrams.
    std::unique_ptr<peer_connections> connections;
    peer_table peers;
    /// One for each family that lives, and never none.
    boost::container::static_vector<relayed_port, 2> relays;
    credential::peer_scope scope{credential::peer_scope::any};  ///< of its credential
    std::uint32_t slot{0};                                      ///< in the allocation table
    traffic_allowance allowance;
    contract::traffic_counters traffic;
    monotonic_time last_activity{};  ///< when something was last relayed; the start when nothing was

    shared_credential credential;
    admission_lease lease;
    session_id session;
    std::uint64_t room{0};  ///< as node_ports has it
    wall_time started_at{};
    token_bucket new_peers;
    token_bucket icmp_errors;

    /// What the Allocate was answered with, for its retransmissions.
    stun::transaction_id allocate_transaction;
    std::chrono::seconds allocate_lifetime{0};
    std::optional<stun::reservation_token> reservation;
    std::optional<refused_family> refused;

    /// Of the last session_progress, and the figures it reported.
    std::uint32_t sequence{0};
    contract::traffic_counters traffic_reported;

    /// False while a mobile client has no connection.
    [[nodiscard]] bool is_reachable() const noexcept { return path.handle != client_path::no_handle; }
    /// Has the client said that it moves there, and sent no data from there yet?
    [[nodiscard]] bool expects(const client_path& at) const noexcept {
        if (!mobile) return false;
        const auto& expected = mobile->expected;
        return expected && expected->path == at;
    }
    /// Of whichever of its client's paths it is.
    [[nodiscard]] std::uint32_t handle_of(const client_path& at) const noexcept {
        if (!mobile) return path.handle;
        const auto& expected = mobile->expected;
        return expected && expected->path == at ? expected->path.handle : path.handle;
    }
    /// Is this one of its client's paths?
    [[nodiscard]] bool serves(const client_path& at) const noexcept {
        return (is_reachable() && path == at) || expects(at);
    }

    /// Null when it has no port of that family.
    [[nodiscard]] const relay_port* port_of(net::family family) const noexcept {
        const auto found = std::ranges::find(relays, family, &relayed_port::family);
        return found == relays.end() ? nullptr : &found->port;
    }
};

}  // namespace turnix::turn
