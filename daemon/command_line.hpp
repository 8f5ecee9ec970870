// From the command line to the command.
#pragma once

#include "daemon/exit_code.hpp"

namespace turnix::daemon {

/// Parses and runs; what goes wrong is printed on standard error as one line with its remedy.
exit_code run_command_line(int argument_count, const char* const* arguments);

}  // namespace turnix::daemon
