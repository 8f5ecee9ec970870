// Runs a command of turnixd inside the test and keeps what it prints.
#pragma once

#include "daemon/command_line.hpp"

#include <string>
#include <vector>

namespace turnix::tests {

struct outcome {
    daemon::exit_code code;
    std::string output;  ///< standard output
    std::string errors;  ///< standard error
};

/// The arguments without the program's name.
outcome run(std::vector<const char*> arguments);

}  // namespace turnix::tests
