// `turnixd sessions`, `revoke`, `regions`, `drain`, `status`: the API's own calls, made by the operator of a
// daemon that runs, without a token.
#pragma once

#include "daemon/check_command.hpp"
#include "daemon/exit_code.hpp"

#include <string>
#include <string_view>

namespace turnix::daemon {

struct control_options {
    configuration_options configuration;
    std::string project;  ///< slug; empty: the organisation's default project
    std::string id;       ///< of a session or a credential
    std::string room;
    std::string client;
    std::string token;  ///< id
    bool live{false};
    bool ended{false};
    bool drain{false};
    bool off{false};
    bool stop{false};
    bool json{false};  ///< print what the API answers
};

/// Each throws std::runtime_error with the API's own message when it refuses, and with the remedy when no
/// daemon answers.
exit_code run_sessions_list(const control_options& options);
exit_code run_sessions_show(const control_options& options);
exit_code run_sessions_end(const control_options& options);
/// One of id, room, client and token is named.
exit_code run_revoke(const control_options& options);
exit_code run_regions(const control_options& options);
/// What the node does at this moment.
exit_code run_status(const control_options& options);
/// Where the daemon takes the wish to stop, over the control socket only: as SIGTERM, answered first.
inline constexpr std::string_view stop_path = "/control/stop";
/// The daemon's own region, or no longer; with `stop`, the daemon ends with its last session, as at SIGTERM.
exit_code run_drain(const control_options& options);

}  // namespace turnix::daemon
