// `turnixd init`: a data directory that works as it is.
#pragma once

#include "daemon/exit_code.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace turnix::daemon {

struct init_options {
    std::filesystem::path data;
    std::string region{"local"};
    std::string public_host{"127.0.0.1"};
    std::string organisation{"default"};
    std::string project{"default"};
    /// Both or neither; without them a self-signed certificate is made.
    std::optional<std::filesystem::path> certificate{};
    std::optional<std::filesystem::path> private_key{};
    /// The key ring of a fleet, which has its organisations: this node makes neither.
    std::optional<std::filesystem::path> join{};
    bool json{false};
};

/// Writes configuration, key ring, database, certificate and regions, makes the first organisation, project
/// and token, and prints the token; a node that joins a fleet has its key ring and hears of its tenants. All
/// of it or nothing: throws std::runtime_error when the directory has anything in it already, or when
/// something cannot be written.
exit_code run_init(const init_options& options);

}  // namespace turnix::daemon
