// Keeps the store in step with the database that nodes share: connects, carries rows both ways, and tries
// again while it is away. The node needs it for nothing else: it serves from its store.
//
// Has a thread of its own, which waits for libpq and for the store. Made, started and stopped on the main
// thread; figures from any thread. A transition, away or back, is logged once.
#pragma once

#include "api/upstream/exchange.hpp"
#include "api/upstream/figures.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace turnix::upstream {

class carrier {
  public:
    struct parts {
        store::store& records;
        std::string url;  ///< a secret
        /// On the carrier's thread.
        on_change changed;
    };
    /// Notes what is shared from now on. `records` outlives the carrier. Throws store_error.
    explicit carrier(parts of);
    ~carrier() { stop(); }
    carrier(const carrier&) = delete;
    carrier& operator=(const carrier&) = delete;

    void start();
    /// What is recorded goes up first, if the database takes it within two seconds.
    void stop() noexcept;
    [[nodiscard]] figures now() const noexcept;

  private:
    using steady = std::chrono::steady_clock;

    void run() noexcept;
    /// From connecting to the stop; throws when the database fails.
    void serve();
    void say_away(std::string_view reason);
    void say_back();
    void look_at_backlog() noexcept;
    void pause();
    [[nodiscard]] bool is_over() const noexcept;

    parts parts_;
    exchange_counts counts_;
    std::atomic<bool> connected_{false};
    std::atomic<std::uint64_t> backlog_{0};
    std::atomic<steady::time_point> in_step_at_{steady::now()};
    std::atomic<bool> stopping_{false};
    std::atomic<steady::time_point> stop_by_{steady::time_point::max()};
    bool has_said_away_{false};
    bool has_said_back_{false};
    std::mutex mutex_;
    std::condition_variable stops_;
    std::thread thread_;
};

/// For a node without a database to share: what an earlier configuration had noted for one is let go. Throws
/// store_error.
void forget_upstream(store::store& records);

}  // namespace turnix::upstream
