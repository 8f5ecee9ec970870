#include "relay/turn/quota_book.hpp"

#include "common/credential/key_ring.hpp"

#include <chrono>

namespace turnix::turn {

namespace {

// Whose sessions end at no certain time begins none after its expiry.
std::chrono::sys_seconds end_of_use(const credential::claims& holder) noexcept {
    const bool is_open = holder.sessions_end_at == credential::no_end;
    return is_open ? holder.expires_at : holder.sessions_end_at;
}

}  // namespace

void project_account::limit(const contract::project_limits& limits, std::uint64_t bytes_used) noexcept {
    traffic.limit(traffic_limits_of(limits));
    traffic.set_used(bytes_used);
    const std::lock_guard lock{guard_};
    allocations_max_ = limits.allocations_max;
    sessions_per_second_max_ = limits.sessions_per_second_max;
}

std::optional<contract::quota> project_account::enter(monotonic_time now) noexcept {
    if (traffic.is_volume_used_up()) return contract::quota::project_bytes;
    const std::lock_guard lock{guard_};
    if (allocations_max_ != 0 && allocations_ >= allocations_max_)
        return contract::quota::project_allocations;
    const auto rate = token_rate::per_second(sessions_per_second_max_, sessions_per_second_max_);
    if (sessions_per_second_max_ != 0 && !new_sessions_.take(rate, now)) {
        return contract::quota::project_session_rate;
    }
    ++allocations_;
    return std::nullopt;
}

void project_account::leave() noexcept {
    const std::lock_guard lock{guard_};
    --allocations_;
}

std::uint32_t project_account::allocations() const noexcept {
    const std::lock_guard lock{guard_};
    return allocations_;
}

void quota_book::limit(const project_id& project, const contract::project_limits& limits,
                       std::uint64_t bytes_used) {
    account_of(project)->limit(limits, bytes_used);
}

std::shared_ptr<project_account> quota_book::account_of(const project_id& project) {
    const std::lock_guard lock{guard_};
    auto& account = projects_[project];
    if (!account) account = std::make_shared<project_account>();
    return account;
}

std::shared_ptr<traffic_budget> quota_book::budget_of(const credential::claims& holder) {
    const std::lock_guard lock{guard_};
    auto& among = part_of(holder.id);
    auto found = among.find(holder.id);
    // Made first: without memory there is no entry either.
    if (found == among.end())
        found = among.emplace(holder.id, credential_budget{std::make_shared<traffic_budget>(), {}}).first;
    auto& budget = found->second;
    budget.traffic->limit(traffic_limits_of(holder.limits));
    budget.kept_until = end_of_use(holder);
    return budget.traffic;
}

bool quota_book::is_used_up(const credential_id& holder) noexcept {
    const std::lock_guard lock{guard_};
    const auto& among = part_of(holder);
    const auto found = among.find(holder);
    return found != among.end() && found->second.traffic->is_volume_used_up();
}

quota_book::credential_budgets& quota_book::part_of(const credential_id& holder) noexcept {
    // The map inside uses the same hash: its low bits are left to it. The highest are random in every id.
    return credentials_[(std::hash<credential_id>{}(holder) >> 48U) % parts];
}

void quota_book::expire(wall_time now) noexcept {
    // In whole seconds, which reach further than wall_time does.
    const auto over = std::chrono::floor<std::chrono::seconds>(now) - credential::clock_tolerance;
    const std::lock_guard lock{guard_};
    auto& looked_at = credentials_[next_to_expire_++ % parts];
    boost::unordered::erase_if(looked_at, [over](const auto& each) {
        const auto& budget = each.second;
        const bool in_use = budget.traffic.use_count() > 1;
        return !in_use && (!budget.traffic->limits_volume() || budget.kept_until < over);
    });
}

}  // namespace turnix::turn
