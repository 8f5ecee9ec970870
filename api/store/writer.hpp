// The store's thread: it owns the connection, takes work from a bounded queue and commits it in groups.
//
// What nobody waits for is gathered for a moment first, so that it shares one commit; somebody who waits
// ends the moment.
//
// Work that nobody waits for is tried again, group after group, while the database fails (disk full,
// read-only, gone) and must therefore change nothing when it runs a second time. Work that somebody waits for
// fails at once then.
#pragma once

#include "api/store/sqlite_database.hpp"
#include "api/store/store_error.hpp"
#include "common/telemetry/rate_limited_log.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace turnix::store {

class writer {
  public:
    static constexpr std::size_t queue_max = 16'384;
    static constexpr std::size_t group_max = 512;

    /// How long records wait.
    struct pace {
        std::chrono::milliseconds gather{50};  ///< for others, to share a commit
        std::chrono::milliseconds retry{500};  ///< to be tried again while the database fails
    };

    /// Runs on the store's thread, inside a transaction.
    using work = std::function<void(sqlite_database&)>;

    explicit writer(sqlite_database database) : writer{std::move(database), pace{}} {}
    writer(sqlite_database database, const pace& records_wait);
    /// Tries once more to commit what is queued.
    ~writer();
    writer(const writer&) = delete;
    writer& operator=(const writer&) = delete;

    /// False, with the loss not counted, when the queue is full. Never blocks for the database.
    [[nodiscard]] bool post(work what);
    /// Returns when the work is committed; throws what it threw, or store_error when the database fails.
    void run(work what);

    /// One record more has nowhere to go.
    void count_loss() noexcept { count_losses(1); }
    [[nodiscard]] std::uint64_t losses() const noexcept { return losses_; }

  private:
    void count_losses(std::size_t count) noexcept;

    struct job {
        work what;
        std::optional<std::promise<void>> waiting;
        std::exception_ptr refusal;
    };
    using group = std::deque<job>;

    void loop();
    group take();
    void commit(group& jobs);
    void apply(group& jobs);
    [[nodiscard]] bool apply_as_one(group& jobs);
    void apply_one(job& each);
    void settle(group& jobs);
    void begin_failing(const store_error& reason, group& jobs);
    void end_failing();
    /// False when the store is stopping.
    bool pause();

    sqlite_database database_;
    std::mutex mutex_;
    std::condition_variable changed_;
    group queue_;
    pace records_wait_;
    bool failing_{false};
    bool hurried_{false};  ///< somebody waits for what is queued
    bool stopping_{false};
    std::atomic<std::uint64_t> losses_{0};
    telemetry::rate_limited_log log_{"api.store"};
    telemetry::rate_limited_log loss_log_{"api.store"};
    std::thread thread_;
};

}  // namespace turnix::store
