#include "daemon/reload_command.hpp"

#include "daemon/control_client.hpp"
#include "daemon/operator_call.hpp"
#include "daemon/reload.hpp"

#include <iostream>
#include <string>

namespace turnix::daemon {

exit_code run_reload(const configuration_options& options) {
    const auto request = request_of(http::method::post, std::string{reload_path});
    const auto answer = ask_daemon(directory_of(options).control_socket(), request);
    const auto report = reload_report::parse(answer.body);
    auto& to = report.faults.empty() ? std::cout : std::cerr;
    for (const auto& line : report.lines()) to << line << '\n';
    return report.faults.empty() ? exit_code::success : exit_code::failure;
}

}  // namespace turnix::daemon
