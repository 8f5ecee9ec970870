// One worker's dealings with the node's quotas: which budgets its sessions are charged to, and what is told
// of those that are used up.
//
// Used on the worker's thread. Sessions of one holder share the worker's share of its budget.
#pragma once

#include "common/clock/instant.hpp"
#include "common/contract/session_event.hpp"
#include "relay/turn/allocation.hpp"
#include "relay/turn/quota_book.hpp"

#include <boost/container/static_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <memory>

namespace turnix::turn {

class quota_desk {
  public:
    quota_desk(quota_book& book, contract::session_observer& observer) noexcept
        : book_{book}, observer_{observer} {}

    /// A session begins, or goes on under other limits: those of its credential's claims.
    void attach(allocation& session);
    /// A session leaves for another worker, whose shares it is charged to from then on. Its place in the
    /// counts stays its own.
    static void detach(allocation& session) noexcept;

    struct datagram {
        way along;
        std::uint64_t bytes;
    };
    /// Charges a datagram; with nothing charged when it is beyond a limit, which is told of on the next tick,
    /// once a minute for each holder and limit. The hot path.
    [[nodiscard]] shortage charge(const allocation& session, const datagram& what,
                                  monotonic_time now) noexcept;
    /// Counts what TCP connections have relayed already; false when a volume is used up. Their rates are not
    /// held.
    [[nodiscard]] bool count(const allocation& session, std::uint64_t bytes) noexcept;
    /// An Allocate was refused: told of once a minute for each credential and quota.
    void report(contract::quota which, const credential::claims& holder, const instant& now);

    void on_tick(const instant& now);

  private:
    template <class Id>
    using shares = boost::unordered_flat_map<Id, std::weak_ptr<budget_share>, std::hash<Id>>;
    struct told_key {
        credential_id credential;
        contract::quota which;
        friend bool operator==(const told_key&, const told_key&) noexcept = default;
    };
    struct told_hash {
        std::size_t operator()(const told_key& of) const noexcept {
            return std::hash<credential_id>{}(of.credential) + static_cast<std::size_t>(of.which);
        }
    };

    template <class Id>
    static std::shared_ptr<budget_share> share_of(shares<Id>& among, const Id& holder,
                                                  std::shared_ptr<traffic_budget> from);
    void note(contract::quota which, const allocation& session) noexcept;
    void sweep(const instant& now);

    quota_book& book_;
    contract::session_observer& observer_;
    shares<credential_id> credentials_;
    shares<project_id> projects_;
    boost::container::static_vector<contract::quota_exceeded, 64> to_tell_;
    boost::unordered_flat_map<told_key, monotonic_time, told_hash> told_;
    monotonic_time swept_at_{};
};

}  // namespace turnix::turn
