#include "daemon/check_command.hpp"

#include "daemon/checked_settings.hpp"

#include <iostream>

namespace turnix::daemon {

exit_code run_check(const configuration_options& options) {
    const auto loaded = load_checked(options.file, options.overrides);
    print_faults(loaded);
    if (!loaded.faults.empty()) return exit_code::failure;
    std::cout << loaded.values.file.string() << ": no faults\n";
    return exit_code::success;
}

}  // namespace turnix::daemon
