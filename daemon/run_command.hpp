// `turnixd run`: the daemon, from its configuration to the signal that ends it.
#pragma once

#include "daemon/check_command.hpp"
#include "daemon/exit_code.hpp"

namespace turnix::daemon {

/// Prints the ready event as the first line on standard output and the stopped event as the last; logs go to
/// standard error. Throws std::runtime_error with the remedy when it cannot start.
exit_code run_daemon(const configuration_options& options);

}  // namespace turnix::daemon
