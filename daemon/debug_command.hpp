// `turnixd debug`: for a while, the log of the running daemon tells of one credential.
#pragma once

#include "api/http/message.hpp"
#include "common/credential/key_ring.hpp"
#include "daemon/check_command.hpp"
#include "daemon/exit_code.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace turnix::relay {
class relay;
}

namespace turnix::daemon {

/// Where the daemon takes it, over the control socket only: a POST with the parameters `credential` and
/// `for_s`; with `for_s` 0, nothing is told any more.
inline constexpr std::string_view debug_path = "/control/debug";
inline constexpr std::chrono::seconds debug_time_max{3'600};

struct debug_options {
    configuration_options configuration;
    std::string credential;  ///< as the API calls it: "ice_…"
    std::uint32_t for_s{600};
    bool off{false};
};

/// Throws std::runtime_error with the remedy when no daemon answers, or when it refuses.
exit_code run_debug(const debug_options& options);

/// The daemon's answer to it. Control thread.
http::response answer_debug(const http::request& asked, const credential::key_ring& keys,
                            relay::relay& relay);

}  // namespace turnix::daemon
