// What is decided once for the node and not worker by worker: how many sessions there may be, in all and for
// each credential; what strangers may cost; what the node does without; and which nonces are ours.
//
// One for the node, used by all workers; outlives every lease. Admission happens once a session and never per
// packet: exact counts behind a few mutexes are good enough for it.
#pragma once

#include "common/contract/load_step.hpp"
#include "common/contract/relay_settings.hpp"
#include "common/credential/claims.hpp"
#include "common/crypto/secret.hpp"
#include "common/net/result.hpp"
#include "relay/turn/nonce.hpp"
#include "relay/turn/quota_book.hpp"
#include "relay/turn/source_budget.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace turnix::turn {

class node_admission;

/// Why there is no place: a quota is reached (486), or the node has no room (508).
struct admission_error {
    std::optional<contract::quota> reached;  ///< none: sessions_max is reached, or memory is short

    friend bool operator==(const admission_error&, const admission_error&) noexcept = default;
};
/// What result::value() throws, outside the data path: std::runtime_error.
[[noreturn]] void throw_exception_from_error(admission_error error, const boost::source_location& where);

/// One session's place in the counts, given back when this is destroyed: it belongs to the allocation and
/// ends with it, however that comes about. Empty when default-made or moved from.
class admission_lease {
  public:
    admission_lease() noexcept = default;
    admission_lease(admission_lease&& other) noexcept
        : from_{std::exchange(other.from_, nullptr)},
          holder_{other.holder_},
          place_{std::move(other.place_)} {}
    admission_lease& operator=(admission_lease&& other) noexcept;
    ~admission_lease();

  private:
    friend class node_admission;
    admission_lease(node_admission& from, const credential_id& holder, project_place place) noexcept
        : from_{&from}, holder_{holder}, place_{std::move(place)} {}

    node_admission* from_{nullptr};
    credential_id holder_;
    project_place place_;
};

/// Random at every start of the daemon.
struct node_secrets {
    crypto::secret<16> budget_hash;
    crypto::secret<32> nonce;

    static node_secrets random() noexcept;
};

class node_admission {
  public:
    node_admission(const contract::relay_settings& settings, const node_secrets& secrets);
    node_admission(const node_admission&) = delete;
    node_admission& operator=(const node_admission&) = delete;

    /// A place for one allocation more, unless a quota of the credential or its project is against it. The
    /// credential's own limits.allocations_max goes before the setting when it is not zero. Any thread.
    [[nodiscard]] result<admission_lease, admission_error> admit(const credential::claims& holder,
                                                                 monotonic_time now) noexcept;

    /// These limits hold from here on; of sessions no more than at the start, when their tables were made.
    /// Any thread.
    void change(const contract::limit_settings& limits) noexcept;

    /// Leases that are out at this moment. Any thread, no lock.
    [[nodiscard]] std::uint32_t sessions() const noexcept {
        return sessions_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint32_t sessions_max() const noexcept {
        return sessions_max_.load(std::memory_order_relaxed);
    }

    [[nodiscard]] contract::load_signal& load() noexcept { return load_; }
    [[nodiscard]] quota_book& quotas() noexcept { return quotas_; }
    [[nodiscard]] source_budget& budgets() noexcept { return budgets_; }
    [[nodiscard]] const nonce_authority& nonces() const noexcept { return nonces_; }

  private:
    friend class admission_lease;
    struct shard {
        std::mutex guard;
        boost::unordered_flat_map<credential_id, std::uint16_t, std::hash<credential_id>> allocations;
    };
    static constexpr std::size_t shards = 16;

    [[nodiscard]] shard& shard_of(const credential_id& holder) noexcept;
    /// False when it has that many.
    [[nodiscard]] bool charge(const credential_id& holder, std::uint16_t allocations_max);
    void discharge(const credential_id& holder) noexcept;
    [[nodiscard]] bool take_session() noexcept;
    void give_back(const credential_id& holder) noexcept;

    const std::uint32_t places_;  ///< sessions_max at the start
    std::atomic<std::uint32_t> sessions_max_;
    std::atomic<std::uint16_t> allocations_per_credential_max_;
    std::atomic<std::uint32_t> sessions_{0};
    contract::load_signal load_;
    std::array<shard, shards> shards_;
    quota_book quotas_;
    source_budget budgets_;
    nonce_authority nonces_;
};

}  // namespace turnix::turn
