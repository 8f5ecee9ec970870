#include "daemon/io_thread.hpp"

#include "common/clock/run_after.hpp"
#include "common/telemetry/log.hpp"
#include "daemon/signals.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <exception>
#include <new>
#include <utility>

#include <pthread.h>

namespace turnix::daemon {

namespace {

constexpr std::chrono::milliseconds tick{250};

}  // namespace

io_thread::io_thread(std::string name) : name_{std::move(name)}, work_{boost::asio::make_work_guard(io_)} {}

io_thread::~io_thread() { stop(); }

void io_thread::start() {
    wait_for_tick();
    thread_ = std::thread{[this] { run(); }};
    ::pthread_setname_np(thread_.native_handle(), name_.c_str());
}

void io_thread::finish() {
    insist([this] { boost::asio::post(io_, [this] { io_.stop(); }); });
    if (thread_.joinable()) thread_.join();
}

void io_thread::stop() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
}

void io_thread::run() noexcept {
    while (!io_.stopped() && !failed_) {
        try {
            io_.run();
        } catch (const std::bad_alloc&) {
            // It cost what was at work, and nothing else.
            out_of_memory_.add();
        } catch (const std::exception& error) {
            telemetry::logger("daemon").critical("the {} thread ends: {}", name_, error.what());
            failed_ = true;
            process_signals::raise();
        }
    }
}

void io_thread::wait_for_tick() {
    run_after(timer_, tick, [this] {
        ticks_.add();
        wait_for_tick();
        warn_of_memory();
    });
}

void io_thread::warn_of_memory() {
    const auto failures = out_of_memory_.value();
    if (std::exchange(warned_of_, failures) == failures) return;
    memory_warning_.warn(
        "memory runs short: what needed more of it on the {} thread has failed, {} times so far", name_,
        failures);
}

}  // namespace turnix::daemon
