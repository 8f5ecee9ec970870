#include "relay/turn/source_budget.hpp"

#include "relay/turn/keyed_hash.hpp"

#include <cstring>

namespace turnix::turn {

source_budget::source_budget(const contract::limit_settings& limits, const crypto::secret<16>& hash_key)
    : hash_key_{hash_key}, buckets_{std::make_unique<bucket[]>(kinds * levels * slots)} {
    change(limits);
}

void source_budget::change(const contract::limit_settings& limits) noexcept {
    const auto answers =
        token_rate::per_second(limits.unauthenticated_per_second, limits.unauthenticated_burst);
    const auto failures = token_rate::per_minute(limits.failed_integrity_per_minute);
    const auto of_network =
        token_rate::per_second(limits.unauthenticated_net_per_second, limits.unauthenticated_net_per_second);
    for (auto& rate : rates_[index_of(level::source)]) rate.store(answers);
    rates_[index_of(level::source)][index_of(budgeted_answer::failed_integrity)].store(failures);
    for (auto& rate : rates_[index_of(level::network)]) rate.store(of_network);
}

bool source_budget::take(budgeted_answer kind, const net::address& client, monotonic_time now) noexcept {
    return take_at(level::source, kind, client, now) && take_at(level::network, kind, client, now);
}

bool source_budget::take_at(level at, budgeted_answer kind, const net::address& client,
                            monotonic_time now) noexcept {
    const auto rate = rates_[index_of(at)][index_of(kind)].load();
    auto& chosen = bucket_of(at, kind, client);
    auto full_at = chosen.load(std::memory_order_relaxed);
    while (const auto next = token_bucket::after_taking(full_at, rate, now)) {
        if (chosen.compare_exchange_weak(full_at, *next, std::memory_order_relaxed)) return true;
    }
    return false;
}

source_budget::bucket& source_budget::bucket_of(level at, budgeted_answer kind,
                                                const net::address& client) noexcept {
    const std::size_t prefix_bytes =
        client.is_v4() ? (at == level::source ? 4 : 3) : (at == level::source ? 8 : 6);
    std::uint64_t prefix{};
    std::memcpy(&prefix, client.bytes().data(), prefix_bytes);

    const auto table = index_of(at) * kinds + index_of(kind);
    const auto hash =
        keyed_hash(hash_key_, {static_cast<std::uint64_t>(client.family()) << 8U | table, prefix});
    return buckets_[table * slots + hash % slots];
}

}  // namespace turnix::turn
