// What a node does without while memory or descriptors run short: decided for the whole node by whoever
// watches them, read by all workers. Never per packet: one relaxed load for each Allocate, stranger and
// connection that comes.
#pragma once

#include <atomic>
#include <cstdint>

namespace turnix::contract {

/// Each includes those before it; who is in a call is served at every one.
enum class load_step : std::uint8_t {
    none,
    tls_waits,          ///< no new TLS and DTLS clients
    newcomers_refused,  ///< new Allocates are sent to another node (300) or refused (508); connections wait
    strangers_ignored,  ///< silence for who is neither authenticated nor in a call
};

/// Set by one thread, read by any.
class load_signal {
  public:
    void set(load_step step) noexcept { step_.store(step, std::memory_order_relaxed); }
    [[nodiscard]] bool is_at_least(load_step step) const noexcept { return this->step() >= step; }
    [[nodiscard]] load_step step() const noexcept { return step_.load(std::memory_order_relaxed); }

  private:
    std::atomic<load_step> step_{load_step::none};
};

}  // namespace turnix::contract
