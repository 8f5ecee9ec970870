#include "daemon/service_manager.hpp"

#include <fmt/format.h>

#include <systemd/sd-daemon.h>

namespace turnix::daemon::service_manager {

namespace {

constexpr int keep_environment = 0;

}  // namespace

void ready() { ::sd_notify(keep_environment, "READY=1"); }
void stopping() { ::sd_notify(keep_environment, "STOPPING=1"); }
void feed_watchdog() { ::sd_notify(keep_environment, "WATCHDOG=1"); }
void status(std::string_view text) { ::sd_notify(keep_environment, fmt::format("STATUS={}", text).c_str()); }

}  // namespace turnix::daemon::service_manager
