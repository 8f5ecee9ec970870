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
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace turnix::turn {

/// Each kind has budgets of its own: a flood of one does not silence the others.
enum class budgeted_answer : std::uint8_t {
    binding,           ///< success to a Binding request
    unauthorized,      ///< 400, 401 or 438 where no integrity has failed
    failed_integrity,  ///< an answer to a request whose integrity did not verify
    cookie,            ///< HelloVerifyRequest to a DTLS ClientHello
};

class source_budget {
  public:
    /// Buckets in each table; 1 MB in all.
    static constexpr std::size_t slots = 16'384;

    source_budget(const contract::limit_settings& limits, const crypto::secret<16>& hash_key);

    /// These limits hold from here on, with what is left in the buckets. Any thread.
    void change(const contract::limit_settings& limits) noexcept;

    /// Takes one answer of this kind from the budgets of `client` and of its network; silence is due when
    /// this is false. A source that has nothing left does not use up its network's budget. Any thread.
    [[nodiscard]] bool take(budgeted_answer kind, const net::address& client, monotonic_time now) noexcept;

  private:
    enum class level : std::uint8_t { source, network };
    static constexpr std::size_t kinds = 4;
    static constexpr std::size_t levels = 2;
    using bucket = std::atomic<monotonic_time>;
    static_assert(bucket::is_always_lock_free);
    /// Who reads it while it is changed may see one number of each; that decides one answer.
    class shared_rate {
      public:
        void store(const token_rate& rate) noexcept {
            interval_.store(rate.interval, std::memory_order_relaxed);
            burst_.store(rate.burst, std::memory_order_relaxed);
        }
        [[nodiscard]] token_rate load() const noexcept {
            return {.interval = interval_.load(std::memory_order_relaxed),
                    .burst = burst_.load(std::memory_order_relaxed)};
        }

      private:
        std::atomic<std::chrono::nanoseconds> interval_{};
        std::atomic<std::uint32_t> burst_{};
    };

    template <class Enum>
    static constexpr std::size_t index_of(Enum value) noexcept {
        return static_cast<std::size_t>(value);
    }
    [[nodiscard]] bool take_at(level at, budgeted_answer kind, const net::address& client,
                               monotonic_time now) noexcept;
    [[nodiscard]] bucket& bucket_of(level at, budgeted_answer kind, const net::address& client) noexcept;

    crypto::secret<16> hash_key_;
    std::array<std::array<shared_rate, kinds>, levels> rates_;
    std::unique_ptr<bucket[]> buckets_;
};

}  // namespace turnix::turn
