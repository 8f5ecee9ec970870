// What turnixd's exit status says. Stable: scripts and service managers branch on it; `turnixd --help` lists
// it.
#pragma once

namespace turnix::daemon {

enum class exit_code : int {
    success = 0,
    failure = 1,  ///< a fault of the configuration or the machine; standard error says which
    usage = 2,    ///< the command line is not understood
};

}  // namespace turnix::daemon
