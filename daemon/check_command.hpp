// `turnixd check`: everything that is wrong with a configuration.
#pragma once

#include "daemon/exit_code.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace turnix::daemon {

struct configuration_options {
    std::filesystem::path file;
    std::vector<std::string> overrides;  ///< "key=value"
};

/// Prints one line for each fault on standard error; failure when there is one.
exit_code run_check(const configuration_options& options);

}  // namespace turnix::daemon
