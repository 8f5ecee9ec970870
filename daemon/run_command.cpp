#include "daemon/run_command.hpp"

#include "common/telemetry/log.hpp"
#include "daemon/checked_settings.hpp"
#include "daemon/node.hpp"
#include "daemon/process_events.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/signals.hpp"
#include "daemon/supervisor.hpp"

#include <iostream>
#include <string_view>

namespace turnix::daemon {
namespace {

constexpr std::string_view log_name = "daemon";

void warn_of_unsafe_peers(const config::settings& settings) {
    const auto& ranges = settings.relay.peers.unsafe_allow;
    if (ranges.empty()) return;
    std::string text;
    for (const auto& range : ranges) text += (text.empty() ? "" : ", ") + range.to_string();
    telemetry::logger(log_name).warn(
        "relay.peers.unsafe_allow lets every client reach {}, whatever the peer policy says: for tests only",
        text);
}

/// Scripts read these lines through a pipe: none may wait in a buffer.
void print_line(const std::string& line) { std::cout << line << '\n' << std::flush; }

}  // namespace

exit_code run_daemon(const configuration_options& options) {
    const auto loaded = load_checked(options);
    if (!loaded.faults.empty()) {
        print_faults(loaded);
        return exit_code::failure;
    }
    const auto& settings = loaded.values;
    telemetry::configure_log(settings.log.level, settings.log.format);
    auto& log = telemetry::logger(log_name);
    const process_signals signals;
    warn_of_unsafe_peers(settings);

    node node{settings, options};
    node.start();
    print_line(node.ready().to_json());
    service_manager::ready();
    log.info("ready; room for {} sessions, bound by {}", node.room().sessions, node.room().reason);

    supervisor{node, signals}.run();
    const auto ended = node.stop();
    log.info("stopped; ended {} session{}", ended, ended == 1 ? "" : "s");
    print_line(stopped_event{ended}.to_json());
    return node.has_failed() ? exit_code::failure : exit_code::success;
}

}  // namespace turnix::daemon
