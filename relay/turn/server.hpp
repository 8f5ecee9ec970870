// The TURN server as a value machine: bytes, time and randomness in, effects out (RFC 8656, RFC 8489).
//
// One for each worker, used on its thread only. It holds the worker's allocations, permissions and channels;
// it opens no socket and asks no clock. What the tests, the fuzzers and the daemon drive is this class.
#pragma once

#include "common/clock/instant.hpp"
#include "common/contract/live_session.hpp"
#include "common/contract/override_set.hpp"
#include "common/contract/relay_settings.hpp"
#include "common/contract/session_event.hpp"
#include "common/credential/sealed_credential.hpp"
#include "common/crypto/random.hpp"
#include "relay/turn/crossing.hpp"
#include "relay/turn/node_mobility.hpp"
#include "relay/turn/node_ports.hpp"
#include "relay/turn/relay_ports.hpp"
#include "relay/turn/routes.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace turnix::stun {
struct icmp_error;
}

namespace turnix::turn {

class alternate_servers;     // where clients are sent that this node takes no more: a hook
class connection_table;      // TCP connections that wait for their client, one for the node
struct interop_credentials;  // what is let in beside sealed credentials
class node_admission;        // quotas and source budgets, one for the node, shared by its workers
class peer_stream;           // a TCP connection with a peer: the I/O layer's
class reservation_table;     // relay ports held under a token, one for the node
class server_counters;       // relaxed single-writer counters of one worker, read by anyone
struct server_state;

/// What a server lives on; everything outlives it.
struct server_environment {
    const contract::relay_settings& settings;
    std::shared_ptr<const credential::key_ring> keys;
    const interop_credentials& interop;
    node_admission& admission;
    node_ports& own_ports;  ///< kept by `ports`
    relay_ports& ports;
    reservation_table& reservations;
    connection_table& connections;
    node_mobility& mobility;
    crossings& others;        ///< to the node's other workers
    worker_number worker{0};  ///< this one among them
    contract::session_observer& observer;
    const alternate_servers* alternates{nullptr};  ///< null: nobody is sent elsewhere
    /// Fills with unpredictable bytes (session and transaction ids); tests give a seeded one.
    std::function<void(std::span<std::byte>)> random{crypto::fill_random};
};

class server {
  public:
    explicit server(const server_environment& environment);
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    /// One message of a client: a datagram, or one framed message of a stream. The hot path for channel data.
    /// Where memory cannot be had for it, it has no effect: 508 for who is authentic, otherwise silence.
    [[nodiscard]] client_effect on_client(const instant& now, const client_path& path,
                                          std::span<const std::byte> message) noexcept;

    /// One datagram that arrived at a relay port, of at most 65,535 bytes. Nothing when it is not to be
    /// relayed. The hot path.
    [[nodiscard]] std::optional<to_client> on_peer(const instant& now, relay_handle at,
                                                   const net::endpoint& peer,
                                                   std::span<const std::byte> payload) noexcept;

    /// Messages of these clients, or datagrams at these ports, follow: what they need of memory is fetched
    /// meanwhile. It does nothing else. At most `fetched_ahead_max`.
    void fetch_ahead(std::span<const client_path> clients) const noexcept;
    void fetch_ahead(std::span<const relay_handle> ports) const noexcept;

    /// ICMP reports on a datagram that left from a relay port towards `peer` (RFC 8656 §11.5). Nothing when
    /// the client is not to be told.
    [[nodiscard]] std::optional<notice> on_peer_error(const instant& now, relay_handle at,
                                                      const net::endpoint& peer,
                                                      const stun::icmp_error& error) noexcept;

    /// A peer connected to a relay port that was opened for TCP (RFC 6062 §5.3): what the client is told.
    /// Nothing when the connection is refused; then it is closed.
    [[nodiscard]] std::optional<notice> on_peer_accepted(const instant& now, relay_handle at,
                                                         const net::endpoint& peer,
                                                         std::unique_ptr<peer_stream> stream) noexcept;

    /// What came of relay_ports::connect (RFC 6062 §5.2), null when it failed: what the client is told.
    [[nodiscard]] std::optional<notice> on_peer_connected(const instant& now, relay_handle from,
                                                          const net::endpoint& peer,
                                                          std::unique_ptr<peer_stream> stream) noexcept;

    /// What another worker has posted: see crossing.hpp. What comes of it goes out through `others`.
    void on_crossing(const instant& now, crossing what) noexcept;

    /// The client's connection is gone: its allocation ends with it (RFC 8656 §3.1), unless its client may
    /// come back over another (RFC 8016).
    void on_client_closed(const instant& now, const client_path& path) noexcept;

    /// Expires what is due. Call it about once a second; more often does no harm.
    void on_tick(const instant& now) noexcept;

    /// While it is draining, new Allocates get 300 where there is another server for them, or 508; what lives
    /// goes on.
    void set_draining(bool draining) noexcept;

    /// Ends every session with this reason and reports each.
    void end_all(const instant& now, contract::end_reason reason) noexcept;

    /// Ends the session of that id with this reason; false when there is none.
    bool end(const instant& now, const session_id& which, contract::end_reason reason) noexcept;

    /// From here on these overrides hold: sessions that they end do so now, those of whom they change the
    /// term or the limits go on under the new ones. Without memory it throws: to be called again, or some
    /// sessions go on as before.
    void use(const instant& now, std::shared_ptr<const contract::override_set> overrides);

    /// From here on sealed credentials are opened with these keys; what lives goes on.
    void use(std::shared_ptr<const credential::key_ring> keys);

    /// The environment's settings are others now. They decide from here on; permissions, channels and
    /// connections with peers that are denied now end.
    void on_settings_changed();

    /// Appends every session as it is now.
    void describe(const instant& now, std::vector<contract::live_session>& into);

    [[nodiscard]] std::size_t allocations() const noexcept;
    [[nodiscard]] const server_counters& counters() const noexcept;

    /// Counts a stranger who comes before a message of its can (a DTLS cookie is due) among those of this
    /// worker, and says whether there is time to answer it: stranger_share.
    [[nodiscard]] bool has_time_for_stranger(monotonic_time now) noexcept;

    /// Has the client of this path an allocation? Connections without one are closed when idle.
    [[nodiscard]] bool has_allocation(const client_path& path) const noexcept;

  private:
    std::unique_ptr<server_state> state_;
};

}  // namespace turnix::turn
