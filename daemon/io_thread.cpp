#include "daemon/io_thread.hpp"

#include "common/telemetry/log.hpp"
#include "daemon/signals.hpp"

#include <chrono>
#include <exception>
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

void io_thread::stop() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
}

void io_thread::run() noexcept {
    try {
        io_.run();
    } catch (const std::exception& error) {
        telemetry::logger("daemon").critical("the {} thread ends: {}", name_, error.what());
        failed_ = true;
        process_signals::raise();
    }
}

void io_thread::wait_for_tick() {
    timer_.expires_after(tick);
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
        if (cancelled) return;
        ticks_.add();
        wait_for_tick();
    });
}

}  // namespace turnix::daemon
