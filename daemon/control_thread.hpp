// The thread that runs the API side's io_context: HTTP and the recorder of session events.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <thread>

namespace turnix::daemon {

/// Made, started and stopped on the main thread. An exception that reaches it is logged and ends the daemon.
class control_thread {
  public:
    control_thread();
    ~control_thread();
    control_thread(const control_thread&) = delete;
    control_thread& operator=(const control_thread&) = delete;

    [[nodiscard]] boost::asio::io_context& io() noexcept { return io_; }
    /// From here on what is posted to io() runs. Once.
    void start();
    /// Runs what is queued no further and joins; io() can be destroyed with what hangs on it.
    void stop();
    [[nodiscard]] bool has_failed() const noexcept { return failed_; }

  private:
    void run() noexcept;

    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::atomic<bool> failed_{false};
    std::thread thread_;
};

}  // namespace turnix::daemon
