// A thread that runs one io_context: the control thread (HTTP API, recorder of session events), the desk
// thread (requests that wait for the store) and the status thread are each one.
#pragma once

#include "common/telemetry/counter.hpp"
#include "common/telemetry/rate_limited_log.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace turnix::daemon {

/// Made, started and stopped on the main thread. Memory that cannot be had costs what needed
/// it; any other exception that reaches it is logged and ends the daemon.
class io_thread {
  public:
    /// `name` is the thread's, of at most 15 characters.
    explicit io_thread(std::string name);
    ~io_thread();
    io_thread(const io_thread&) = delete;
    io_thread& operator=(const io_thread&) = delete;

    [[nodiscard]] boost::asio::io_context& io() noexcept { return io_; }
    /// From here on what is posted to io() runs. Once.
    void start();
    /// Runs what is queued already and joins.
    void finish();
    /// Runs what is queued no further and joins; io() can be destroyed with what hangs on it.
    void stop();
    [[nodiscard]] bool has_failed() const noexcept { return failed_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// Grows four times a second while the loop runs. Any thread.
    [[nodiscard]] std::uint64_t ticks() const noexcept { return ticks_.value(); }

  private:
    void run() noexcept;
    void wait_for_tick();
    void warn_of_memory();

    std::string name_;
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::steady_timer timer_{io_};
    telemetry::counter ticks_;
    telemetry::counter out_of_memory_;  ///< handlers that ended for want of it
    std::uint64_t warned_of_{0};
    telemetry::rate_limited_log memory_warning_{"daemon"};
    std::atomic<bool> failed_{false};
    std::thread thread_;
};

}  // namespace turnix::daemon
