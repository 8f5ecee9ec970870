// The life of every allocation of one worker: its beginning, its deadlines, its end, and what is told of
// them.
//
// Used on the worker's thread. Whatever ends a session comes through `end`, so that ports, quota and usage
// records cannot drift apart.
#pragma once

#include "common/clock/instant.hpp"
#include "common/contract/live_session.hpp"
#include "common/contract/session_event.hpp"
#include "relay/turn/allocation.hpp"
#include "relay/turn/allocation_table.hpp"
#include "relay/turn/counters.hpp"
#include "relay/turn/credential_overrides.hpp"
#include "relay/turn/moving_session.hpp"
#include "relay/turn/quota_desk.hpp"
#include "relay/turn/random_pool.hpp"
#include "relay/turn/server.hpp"
#include "relay/turn/timer_wheel.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace turnix::turn {

/// What an Allocate that passed every check leaves behind.
struct new_session {
    const client_path& path;
    std::span<const relay_port> ports;  ///< one, or one of each family
    const shared_credential& credential;
    admission_lease lease;
    stun::transaction_id transaction;
    std::optional<stun::reservation_token> reservation;
    std::optional<refused_family> refused;
    bool tcp{false};                ///< for TCP connections with peers
    bool mobile{false};             ///< its client may move
    std::chrono::seconds lifetime;  ///< as it was negotiated; the credential's end may cut it short
};

class session_book {
  public:
    session_book(const server_environment& environment, random_pool& random, server_counters& counters);

    [[nodiscard]] allocation* find(const client_path& path) const noexcept { return allocations_.find(path); }
    [[nodiscard]] allocation* find(relay_handle at) const noexcept { return allocations_.find(at); }
    [[nodiscard]] allocation* find(const session_id& id) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return allocations_.size(); }
    /// See allocation_table.
    template <class Key>
    void fetch_ahead(std::span<const Key> keys) const noexcept {
        allocations_.fetch_ahead(keys);
    }

    /// The path must have no allocation, and the ports must be open. Without memory it throws, and the ports
    /// stay the caller's.
    allocation& begin(new_session begun, const instant& now);
    /// Moves the deadline of one family, or of all that there are, and returns the lifetime that was granted.
    std::chrono::seconds extend(allocation& session, std::optional<net::family> only,
                                std::chrono::seconds lifetime, const instant& now) noexcept;
    /// Lets go of one family's port, its permissions and channels: RFC 8656 §8.1. The session must have
    /// the other one too.
    void release(allocation& session, net::family family) noexcept;
    /// The client's connection is gone; the path may be either of a mobile client's.
    void on_closed(allocation& session, const client_path& path, const instant& now);
    void end(const allocation& session, contract::end_reason reason, const instant& now);

    /// Adds what the session's TCP connections have relayed to its figures, and forgets those that ended.
    void collect(allocation& session);
    /// A mobile client says that it is there now, too: what it was expected at before does not count any
    /// more.
    void expect(allocation& session, const mobile_client::arrival& at);
    /// The client is not expected anywhere any more.
    void withdraw(allocation& session) noexcept;
    /// The client is where it was expected, which is at this worker: its former path is forgotten.
    void confirm(allocation& session, const instant& now);
    /// Hands the session over to the worker that its client is expected at.
    void depart(allocation& session, const instant& now) noexcept;
    /// Takes up a session that was handed over, under the overrides that hold now: this worker or the other
    /// may have heard of them while it was on its way. It ends when its ports cannot be served here.
    void arrive(moving_session moving, const credential_overrides& overrides, const instant& now) noexcept;

    void end_all(contract::end_reason reason, const instant& now);
    /// Every session under the overrides that hold now: ends those that are revoked or whose time is over,
    /// the others go on under the term and the limits that they have now. Without memory it throws: to be
    /// called again.
    void reconsider(const credential_overrides& overrides, const instant& now);
    /// Every session lets go of the peers for which this is true: permissions, channels, connections.
    void forget_peers(const peer_predicate& denied);
    /// Appends every session as it is.
    void describe(const instant& now, std::vector<contract::live_session>& into);

    [[nodiscard]] quota_desk& quotas() noexcept { return quotas_; }

    /// Ends what is past its deadline, and gives each session its turn once in `turn_seconds`.
    void on_tick(const instant& now);

  private:
    /// Every so often a session's interim figures are reported and its peer table is swept.
    static constexpr std::int64_t turn_seconds = 10;

    /// `visit` may end the session that it is shown.
    template <class Visit>
    void for_each(const Visit& visit) const {
        for (std::uint32_t slot = 0; slot < allocations_.slots(); ++slot) {
            if (auto* const session = allocations_.at(slot)) visit(*session);
        }
    }
    /// Lets the session be found. Without memory it throws, and `added` is still the caller's.
    allocation& enter(std::unique_ptr<allocation>&& added);
    /// Null, and its ports are closed, when they cannot be served here.
    allocation* take_up(moving_session& moving, const credential_overrides& overrides) noexcept;
    /// Tells the worker where the client was expected that it is not any more.
    void dismiss(const mobile_client::arrival& from) noexcept;
    /// Ends the session if it is to end; times it as its claims say otherwise.
    void go_on(allocation& session, const contract::credential_standing& standing,
               const instant& now) noexcept;
    /// Of its relays.
    void schedule_first_deadline(const allocation& session) noexcept;
    void end_due(allocation& session, const instant& now);
    void take_turn(allocation& session, const instant& now);
    void forget_client(const allocation& session) noexcept;
    void report_move(allocation& session, const instant& now);
    void report_end(const allocation& session, contract::end_reason reason, const instant& now);

    contract::session_observer& observer_;
    relay_ports& ports_;
    node_ports& own_ports_;
    random_pool& random_;
    server_counters& counters_;
    node_mobility& mobility_;
    crossings& others_;
    worker_number worker_;
    quota_desk quotas_;
    allocation_table allocations_;
    boost::unordered_flat_map<session_id, allocation*, std::hash<session_id>> by_id_;
    timer_wheel deadlines_;
    std::int64_t turns_taken_until_{0};
};

}  // namespace turnix::turn
