// One request to the daemon that runs on a data directory, over its control socket.
#pragma once

#include "api/http/message.hpp"

#include <filesystem>

namespace turnix::daemon {

/// Waits for the answer. Throws std::runtime_error with the socket's path and the remedy when nobody answers.
http::response ask_daemon(const std::filesystem::path& control_socket, const http::request& request);

}  // namespace turnix::daemon
