// What the service manager is told of this process (sd_notify(3)). Nothing happens when none started it.
#pragma once

#include <string_view>

namespace turnix::daemon::service_manager {

/// Everything listens.
void ready();
/// It ends, or is about to: no new work is taken.
void stopping();
/// The process turns: to be said at least every half of the unit's WatchdogSec.
void feed_watchdog();
/// One line for `systemctl status`.
void status(std::string_view text);

}  // namespace turnix::daemon::service_manager
