// What the daemon says on standard output, one JSON object a line, for the scripts that drive it.
#pragma once

#include "common/contract/relay_settings.hpp"
#include "common/net/endpoint.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace turnix::daemon {

/// The first line: everything listens, with the ports that were really bound.
struct ready_event {
    net::endpoint api;
    bool api_tls{false};
    std::optional<net::endpoint> status;  ///< none: not served
    std::vector<contract::listener_settings> listeners;
    std::size_t workers{0};
    std::string engine;

    /// {"event":"ready","api":"http://127.0.0.1:8080","status":"http://127.0.0.1:9641",
    ///  "listeners":[{"transport":"udp","address":"..."}],"workers":2,"engine":"epoll"}; status may be null
    [[nodiscard]] std::string to_json() const;
};

/// The last line.
struct stopped_event {
    std::size_t sessions_ended{0};

    /// {"event":"stopped","sessions_ended":2}
    [[nodiscard]] std::string to_json() const;
};

}  // namespace turnix::daemon
