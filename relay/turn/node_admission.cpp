#include "relay/turn/node_admission.hpp"

#include "common/crypto/random.hpp"

#include <cassert>
#include <new>
#include <span>
#include <stdexcept>

namespace turnix::turn {

void throw_exception_from_error(admission_error error, const boost::source_location& /*where*/) {
    throw std::runtime_error{error == admission_error::node_full
                                 ? "the node has no room for another session"
                                 : "the credential has as many allocations as it may have"};
}

admission_lease& admission_lease::operator=(admission_lease&& other) noexcept {
    admission_lease taken{std::move(other)};
    std::swap(from_, taken.from_);
    std::swap(holder_, taken.holder_);
    return *this;
}

admission_lease::~admission_lease() {
    if (from_ != nullptr) from_->give_back(holder_);
}

node_secrets node_secrets::random() noexcept {
    node_secrets secrets;
    crypto::fill_random(std::as_writable_bytes(secrets.budget_hash.writable_bytes()));
    crypto::fill_random(std::as_writable_bytes(secrets.nonce.writable_bytes()));
    return secrets;
}

node_admission::node_admission(const contract::relay_settings& settings, const node_secrets& secrets)
    : limits_{settings.limits},
      budgets_{settings.limits, secrets.budget_hash},
      nonces_{secrets.nonce, settings.nonce_lifetime} {}

result<admission_lease, admission_error> node_admission::admit(const credential::claims& holder) noexcept {
    const auto allocations_max = holder.limits.allocations_max != 0 ? holder.limits.allocations_max
                                                                    : limits_.allocations_per_credential_max;
    if (const auto refused = charge(holder.id, allocations_max)) return *refused;
    if (!take_session()) {
        discharge(holder.id);
        return admission_error::node_full;
    }
    return admission_lease{*this, holder.id};
}

node_admission::shard& node_admission::shard_of(const credential_id& holder) noexcept {
    // The map inside uses the same hash: its low bits are left to it.
    return shards_[(std::hash<credential_id>{}(holder) >> 32U) % shards];
}

std::optional<admission_error> node_admission::charge(const credential_id& holder,
                                                      std::uint16_t allocations_max) noexcept try {
    auto& owner = shard_of(holder);
    const std::lock_guard lock{owner.guard};
    const auto entry = owner.allocations.try_emplace(holder, std::uint16_t{0}).first;
    if (entry->second >= allocations_max) {
        if (entry->second == 0) owner.allocations.erase(entry);
        return admission_error::quota_reached;
    }
    ++entry->second;
    return std::nullopt;
} catch (const std::bad_alloc&) {
    return admission_error::node_full;
}

void node_admission::discharge(const credential_id& holder) noexcept {
    auto& owner = shard_of(holder);
    const std::lock_guard lock{owner.guard};
    const auto entry = owner.allocations.find(holder);
    assert(entry != owner.allocations.end());
    if (--entry->second == 0) owner.allocations.erase(entry);
}

bool node_admission::take_session() noexcept {
    auto taken = sessions_.load(std::memory_order_relaxed);
    while (taken < limits_.sessions_max) {
        if (sessions_.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed)) return true;
    }
    return false;
}

void node_admission::give_back(const credential_id& holder) noexcept {
    sessions_.fetch_sub(1, std::memory_order_relaxed);
    discharge(holder);
}

}  // namespace turnix::turn
