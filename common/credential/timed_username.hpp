// Credentials that an application makes by itself, under a secret that it shares with the relay: what servers
// of the expired draft "A REST API for Access to TURN Services" take.
//
//   username = expiry, in seconds since 1970 [ ":" user ]
//   password = base64(HMAC-SHA-1(secret, username))
//
// Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::credential {

struct timed_username {
    std::chrono::sys_seconds expires_at;
    std::string_view user;  ///< points into what was parsed; may be empty

    /// Nothing when it does not begin with a date of the years 1970 to 9999.
    static std::optional<timed_username> parse(std::string_view username) noexcept;
};

[[nodiscard]] std::string timed_password(std::string_view username, std::string_view secret);

/// Several are in use while one replaces another.
inline constexpr std::size_t shared_secrets_max = 8;

/// One secret a line, taken as it stands there; mode 0600. Throws std::runtime_error with the file's name,
/// the fault and the remedy.
std::vector<std::string> load_shared_secrets(const std::filesystem::path& file);

}  // namespace turnix::credential
