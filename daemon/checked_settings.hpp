// The configuration with everything that can be known of it before the daemon starts: beside the schema's own
// checks, the files of other rooms that it names are opened once.
#pragma once

#include "common/config/configuration.hpp"
#include "daemon/check_command.hpp"

namespace turnix::daemon {

/// config::load, and further faults: key ring, secrets and users of relay.interop, address of the upstream
/// database, regions file, this node's region in it, GeoIP database, and the key of a node that gossips.
config::configuration load_checked(const configuration_options& options);

/// One line for each fault, on standard error.
void print_faults(const config::configuration& loaded);

}  // namespace turnix::daemon
