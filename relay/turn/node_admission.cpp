#include "relay/turn/node_admission.hpp"

#include "common/crypto/random.hpp"

#include <algorithm>
#include <cassert>
#include <new>
#include <span>
#include <stdexcept>

namespace turnix::turn {

void throw_exception_from_error(admission_error error, const boost::source_location& /*where*/) {
    throw std::runtime_error{error.reached ? "a quota of the credential or its project is reached"
                                           : "the node has no room for another session"};
}

admission_lease& admission_lease::operator=(admission_lease&& other) noexcept {
    admission_lease taken{std::move(other)};
    std::swap(from_, taken.from_);
    std::swap(holder_, taken.holder_);
    std::swap(place_, taken.place_);
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
    : places_{settings.limits.sessions_max},
      sessions_max_{settings.limits.sessions_max},
      allocations_per_credential_max_{settings.limits.allocations_per_credential_max},
      budgets_{settings.limits, secrets.budget_hash},
      nonces_{secrets.nonce, settings.nonce_lifetime} {}

void node_admission::change(const contract::limit_settings& limits) noexcept {
    sessions_max_.store(std::min(limits.sessions_max, places_), std::memory_order_relaxed);
    allocations_per_credential_max_.store(limits.allocations_per_credential_max, std::memory_order_relaxed);
    budgets_.change(limits);
}

result<admission_lease, admission_error> node_admission::admit(const credential::claims& holder,
                                                               monotonic_time now) noexcept try {
    using enum contract::quota;
    if (quotas_.is_used_up(holder.id)) return admission_error{credential_bytes};
    auto project = quotas_.account_of(holder.project);
    if (const auto reached = project->enter(now)) return admission_error{reached};
    project_place place{std::move(project)};

    const auto allocations_max = holder.limits.allocations_max != 0
                                     ? holder.limits.allocations_max
                                     : allocations_per_credential_max_.load(std::memory_order_relaxed);
    if (!charge(holder.id, allocations_max)) return admission_error{credential_allocations};
    if (!take_session()) {
        discharge(holder.id);
        return admission_error{};
    }
    return admission_lease{*this, holder.id, std::move(place)};
} catch (const std::bad_alloc&) {
    return admission_error{};
}

node_admission::shard& node_admission::shard_of(const credential_id& holder) noexcept {
    // The map inside uses the same hash: its low bits are left to it. The highest are random in every id.
    return shards_[(std::hash<credential_id>{}(holder) >> 48U) % shards];
}

bool node_admission::charge(const credential_id& holder, std::uint16_t allocations_max) {
    auto& owner = shard_of(holder);
    const std::lock_guard lock{owner.guard};
    const auto entry = owner.allocations.try_emplace(holder, std::uint16_t{0}).first;
    if (entry->second >= allocations_max) {
        if (entry->second == 0) owner.allocations.erase(entry);
        return false;
    }
    ++entry->second;
    return true;
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
    while (taken < sessions_max()) {
        if (sessions_.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed)) return true;
    }
    return false;
}

void node_admission::give_back(const credential_id& holder) noexcept {
    sessions_.fetch_sub(1, std::memory_order_relaxed);
    discharge(holder);
}

}  // namespace turnix::turn
