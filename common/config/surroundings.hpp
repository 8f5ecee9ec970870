// What a process brings to its configuration beside the file and the command line: environment variables, for
// containers, and the directory that the service manager keeps credentials in (systemd.exec(5)).
//
// TURNIXD__RELAY__PORTS__FIRST=50000 stands for relay.ports.first: dots are two underscores, so that a key's
// own underscore stays one, and what Kubernetes sets for a service called turnixd (TURNIXD_PORT) is no key.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::config {

struct surroundings {
    /// "NAME=value" for each variable whose name begins with variable_prefix.
    std::vector<std::string> variables;
    std::optional<std::filesystem::path> credentials;  ///< $CREDENTIALS_DIRECTORY

    /// Before other threads change the environment.
    static surroundings of_process();
};

inline constexpr std::string_view variable_prefix = "TURNIXD__";

/// A path that begins with this names a file in the credentials' directory.
inline constexpr std::string_view credential_prefix = "credential:";

/// "TURNIXD__RELAY__PORTS__FIRST" for "relay.ports.first", and back. The name begins with variable_prefix.
std::string variable_of(std::string_view key);
std::string key_of(std::string_view variable);

}  // namespace turnix::config
