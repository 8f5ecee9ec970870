#include "daemon/control_thread.hpp"

#include "common/telemetry/log.hpp"
#include "daemon/signals.hpp"

#include <exception>

#include <pthread.h>

namespace turnix::daemon {

control_thread::control_thread() : work_{boost::asio::make_work_guard(io_)} {}

control_thread::~control_thread() { stop(); }

void control_thread::start() {
    thread_ = std::thread{[this] { run(); }};
    ::pthread_setname_np(thread_.native_handle(), "control");
}

void control_thread::stop() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
}

void control_thread::run() noexcept {
    try {
        io_.run();
    } catch (const std::exception& error) {
        telemetry::logger("daemon").critical("the control thread ends: {}", error.what());
        failed_ = true;
        end_signals::raise();
    }
}

}  // namespace turnix::daemon
