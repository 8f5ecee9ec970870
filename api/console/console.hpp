// The console, the web page under /console, out of the binary: index.html and the files that it loads.
//
// The page is made of web/ and talks to the public API like any other client; nothing here knows what it
// shows. Its own addresses (/console/sessions/…) are all answered with index.html. Pure functions; any
// thread.
#pragma once

#include "api/http/message.hpp"

#include <string_view>

namespace turnix::console {

/// Whether a path, percent-encoded as it came, is the console's: /console and everything below.
[[nodiscard]] bool is_console_path(std::string_view path) noexcept;

/// Answers GET and HEAD for a path of the console, in the best encoding that the client takes (RFC 9110
/// §12.5.3); 304 when it has the file already, 404 for a file that there is not, 405 for other methods.
[[nodiscard]] http::response answer(const http::request& asked);

}  // namespace turnix::console
