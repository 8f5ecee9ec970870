// The key ring over the control socket, and in the hands of `turnixd keys` where no daemon runs: requests in,
// answers out.
//
//   GET  /control/keys              {"keys":[{"number":1,"state":"active",…}]}
//   POST /control/keys              makes a key
//   POST /control/keys/N/use        ?force=true: whatever other nodes hold
//   POST /control/keys/N/retire     the same
//
// Each answers with the key, or with 409 and why not. Thread of the key book.
#pragma once

#include "api/fleet/key_book.hpp"
#include "api/http/message.hpp"

#include <chrono>
#include <string_view>

namespace turnix::daemon {

inline constexpr std::string_view keys_path = "/control/keys";

/// Is the request for answer_about_keys?
[[nodiscard]] bool is_about_keys(const http::request& asked) noexcept;
/// `lifetime`: within which everything that was sealed until now has ended.
[[nodiscard]] http::response answer_about_keys(fleet::key_book& keys, const http::request& asked,
                                               std::chrono::seconds lifetime, wall_time now);

}  // namespace turnix::daemon
