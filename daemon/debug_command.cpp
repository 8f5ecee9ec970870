#include "daemon/debug_command.hpp"

#include "api/http/error.hpp"
#include "api/resources/number_text.hpp"
#include "common/clock/instant.hpp"
#include "common/credential/credential_reference.hpp"
#include "common/telemetry/log.hpp"
#include "daemon/control_client.hpp"
#include "daemon/operator_call.hpp"
#include "relay/relay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <optional>

namespace turnix::daemon {
namespace {

constexpr const char* credential_parameter = "credential";
constexpr const char* time_parameter = "for_s";

std::string_view parameter_of(const http::request& asked, std::string_view name) {
    const auto found = std::ranges::find(asked.query, name, &http::named_value::name);
    return found == asked.query.end() ? std::string_view{} : std::string_view{found->value};
}

http::response invalid(const http::request& asked, const char* parameter, std::string message) {
    return http::to_response(
        {.code = http::error_code::field_invalid, .message = std::move(message), .param = parameter},
        asked.request_id);
}

}  // namespace

exit_code run_debug(const debug_options& options) {
    auto request = request_of(http::method::post, std::string{debug_path});
    request.query = {{credential_parameter, options.credential},
                     {time_parameter, std::to_string(options.off ? 0 : options.for_s)}};
    ask(
        [&](const http::request& asked) {
            return ask_daemon(directory_of(options.configuration).control_socket(), asked);
        },
        std::move(request));
    std::cout << (options.off
                      ? "The log tells of no credential any more\n"
                      : fmt::format("The log tells of {} for {} s\n", options.credential, options.for_s));
    return exit_code::success;
}

http::response answer_debug(const http::request& asked, const credential::key_ring& keys,
                            relay::relay& relay) {
    const auto time = api::number_from<std::uint32_t>(parameter_of(asked, time_parameter));
    if (!time || std::chrono::seconds{*time} > debug_time_max) {
        return invalid(asked, time_parameter,
                       fmt::format("The time must be a number of seconds up to {}.", debug_time_max.count()));
    }
    if (*time == 0) {
        relay.look_for(std::nullopt);
        telemetry::logger("daemon").info("debug: the log tells of no credential any more");
        return {.status = 204};
    }
    const std::string name{parameter_of(asked, credential_parameter)};
    const auto reference = credential::credential_reference::open(name, keys);
    if (!reference) {
        return invalid(asked, credential_parameter,
                       "This is no credential_id of this fleet: ice_… as it came with the credential.");
    }
    relay.look_for(relay::debug_wish{.credential = reference->id,
                                     .name = name,
                                     .until = instant::now().monotonic + std::chrono::seconds{*time}});
    telemetry::logger("daemon").info("debug: the log tells of credential {} for {} s", name, *time);
    return {.status = 204};
}

}  // namespace turnix::daemon
