// `turnixd check`: everything that is wrong with a configuration, and what is in force when nothing is.
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

struct check_options {
    configuration_options configuration;
    bool print_effective{false};
};

/// Prints one line for each fault on standard error; failure when there is one.
exit_code run_check(const check_options& options);

}  // namespace turnix::daemon
