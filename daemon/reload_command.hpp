// `turnixd reload`: the running daemon reads its configuration again.
#pragma once

#include "daemon/check_command.hpp"
#include "daemon/exit_code.hpp"

#include <string_view>

namespace turnix::daemon {

/// Where the daemon takes it, over the control socket only: a POST, answered with a reload_report.
inline constexpr std::string_view reload_path = "/control/reload";

/// Prints what has changed; failure, with the faults on standard error, when nothing was taken. Throws
/// std::runtime_error with the remedy when no daemon answers.
exit_code run_reload(const configuration_options& options);

}  // namespace turnix::daemon
