#include "daemon/run_command.hpp"

#include "common/telemetry/log.hpp"
#include "daemon/checked_settings.hpp"
#include "daemon/clock_watch.hpp"
#include "daemon/descriptor_limit.hpp"
#include "daemon/node.hpp"
#include "daemon/process_events.hpp"
#include "daemon/signals.hpp"

#include <chrono>
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

/// Returns with the signal that ends the daemon; meanwhile it looks at the clock once a second.
int wait_for_end(const end_signals& signals) {
    clock_watch watch{instant::now()};
    while (true) {
        if (const auto signal = signals.wait(std::chrono::seconds{1})) return *signal;
        if (const auto jump = watch.jump(instant::now())) {
            telemetry::logger(log_name).warn("the wall clock was set by {:+.3f} s; credentials expire by it",
                                             std::chrono::duration<double>{*jump}.count());
        }
    }
}

/// Scripts read these lines through a pipe: none may wait in a buffer.
void print_line(const std::string& line) { std::cout << line << '\n' << std::flush; }

}  // namespace

exit_code run_daemon(const configuration_options& options) {
    const auto loaded = load_checked(options.file, options.overrides);
    if (!loaded.faults.empty()) {
        print_faults(loaded);
        return exit_code::failure;
    }
    const auto& settings = loaded.values;
    telemetry::configure_log(settings.log.level, settings.log.format);
    auto& log = telemetry::logger(log_name);
    const end_signals signals;
    const auto descriptors = raise_descriptor_limit();
    warn_of_unsafe_peers(settings);

    node node{settings};
    node.start();
    print_line(node.ready().to_json());
    log.info("ready; {} descriptors can be open", descriptors);

    const int signal = wait_for_end(signals);
    log.info("stopping on {}", signal == SIGINT ? "SIGINT" : "SIGTERM");
    const auto ended = node.stop();
    log.info("stopped; ended {} session{}", ended, ended == 1 ? "" : "s");
    print_line(stopped_event{ended}.to_json());
    return node.has_failed() ? exit_code::failure : exit_code::success;
}

}  // namespace turnix::daemon
