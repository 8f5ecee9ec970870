// How many answers a source gets before it has proven who it is: what a flood costs is bounded here.
//
// One for the node, shared by all workers without a lock. Every kind of answer has two levels, the source
// (IPv4 /32, IPv6 /64) and its network (/24, /48); each level is a table of fixed size under a keyed hash, so
// that nobody can choose to collide with somebody. Sources that do collide share one budget: a collision
// never lets more through. Buckets start full and are never cleared. A network may use up a second's worth
// of its budget at once, and has the same budget for each kind, failed integrity included.
#pragma once

#include "common/clock/instant.hpp"
#include "common/contract/relay_settings.hpp"
#include "common/crypto/secret.hpp"
#include "common/net/address.hpp"
#include "relay/turn/token_bucket.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace turnix::turn {

/// Each kind has budgets of its own: a flood of one does not silence the others.
enum class budgeted_answer : std::uint8_t {
    binding,           ///< success to a Binding request
    unauthorized,      ///< 401 or 438 to a request without valid integrity
    failed_integrity,  ///< an answer to a request whose integrity did not verify
    cookie,            ///< HelloVerifyRequest to a DTLS ClientHello
};

class source_budget {
  public:
    /// Buckets in each table; 1 MB in all.
    static constexpr std::size_t slots = 16'384;

    source_budget(const contract::limit_settings& limits, const crypto::secret<16>& hash_key);

    /// Takes one answer of this kind from the budgets of `client` and of its network; silence is due when
    /// this is false. A source that has nothing left does not use up its network's budget. Any thread.
    [[nodiscard]] bool take(budgeted_answer kind, const net::address& client, monotonic_time now) noexcept;

  private:
    enum class level : std::uint8_t { source, network };
    static constexpr std::size_t kinds = 4;
    static constexpr std::size_t levels = 2;
    using bucket = std::atomic<monotonic_time>;
    static_assert(bucket::is_always_lock_free);

    template <class Enum>
    static constexpr std::size_t index_of(Enum value) noexcept {
        return static_cast<std::size_t>(value);
    }
    [[nodiscard]] bool take_at(level at, budgeted_answer kind, const net::address& client,
                               monotonic_time now) noexcept;
    [[nodiscard]] bucket& bucket_of(level at, budgeted_answer kind, const net::address& client) noexcept;

    crypto::secret<16> hash_key_;
    std::array<std::array<token_rate, kinds>, levels> rates_;
    std::unique_ptr<bucket[]> buckets_;
};

}  // namespace turnix::turn
