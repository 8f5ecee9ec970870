// `turnixd keys`: the key ring that seals credentials and gossip.
#pragma once

#include "daemon/check_command.hpp"
#include "daemon/exit_code.hpp"

#include <cstdint>

namespace turnix::daemon {

struct keys_options {
    configuration_options configuration;
    std::uint16_t number{0};
    bool force{false};  ///< whatever other nodes hold
    bool json{false};
};

/// Each asks the daemon that runs, and works on the file of the ring when none does. They throw
/// std::runtime_error with why not, or with the remedy.
exit_code run_keys_list(const keys_options& options);
exit_code run_keys_add(const keys_options& options);
exit_code run_keys_use(const keys_options& options);
exit_code run_keys_retire(const keys_options& options);

}  // namespace turnix::daemon
