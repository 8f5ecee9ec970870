// `turnixd init --config FILE`: makes what a configuration names and the machine lacks, for packages and
// containers whose configuration is there before the data. What exists is left as it is.
#pragma once

#include "daemon/check_command.hpp"
#include "daemon/exit_code.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace turnix::daemon {

struct missing_parts_options {
    configuration_options configuration;
    std::string organisation{"My organisation"};
    std::string project{"default"};
    /// The key ring of a fleet, which has its organisations: this node makes neither.
    std::optional<std::filesystem::path> join{};
};

/// Makes the data directory, key ring, regions file, a self-signed certificate for relay.tls when both of its
/// files are missing, and the first organisation, whose token it prints: the only thing on standard output.
/// Failure, with the faults on standard error, when the configuration is wrong even so. Throws
/// std::runtime_error with the remedy when it cannot write.
exit_code make_missing_parts(const missing_parts_options& options);

}  // namespace turnix::daemon
