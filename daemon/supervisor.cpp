#include "daemon/supervisor.hpp"

#include "common/clock/insist.hpp"
#include "common/telemetry/log.hpp"
#include "daemon/service_manager.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace turnix::daemon {
namespace {

constexpr std::chrono::seconds look_interval{1};

spdlog::logger& log() { return telemetry::logger("daemon"); }

}  // namespace

void supervisor::run() {
    while (!insist([this] { return is_over(); })) {
    }
}

bool supervisor::is_over() {
    if (!signal_) signal_ = signals_.wait(look_interval);
    if (signal_ && ends_now(*signal_)) return true;
    signal_.reset();
    const auto now = instant::now();
    look(now);
    return drain_deadline_ && (now.monotonic >= *drain_deadline_ || few_are_left());
}

bool supervisor::ends_now(int signal) {
    if (signal == SIGHUP) {
        node_.request_reload();
        return false;
    }
    log().info("{}, with {} sessions", signal == SIGINT ? "SIGINT" : "SIGTERM", node_.sessions());
    service_manager::stopping();
    const auto timeout = node_.drain().timeout;
    if (signal == SIGINT || drain_deadline_ || node_.has_failed() || timeout.count() == 0) return true;
    begin_drain(instant::now().monotonic, timeout);
    return false;
}

void supervisor::begin_drain(monotonic_time now, std::chrono::seconds timeout) {
    node_.begin_drain();
    drain_deadline_ = now + timeout;
    log().info("draining for at most {} s; a second signal ends it", timeout.count());
}

bool supervisor::few_are_left() const {
    const auto sessions = node_.sessions();
    service_manager::status(fmt::format("draining, {} sessions", sessions));
    return sessions <= node_.drain().min_allocations;
}

void supervisor::look(const instant& now) {
    node_.tick();
    const auto stuck = loops_.look(now.monotonic, node_.loops());
    if (stuck.empty()) {
        service_manager::feed_watchdog();
    } else {
        log().error("stuck: {}", fmt::join(stuck, ", "));
    }
    if (const auto jump = clock_.jump(now)) {
        log().warn("the wall clock was set by {:+.3f} s; credentials expire by it",
                   std::chrono::duration<double>{*jump}.count());
    }
}

}  // namespace turnix::daemon
