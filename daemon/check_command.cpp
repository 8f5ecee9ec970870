#include "daemon/check_command.hpp"

#include "common/config/reference.hpp"
#include "daemon/checked_settings.hpp"

#include <iostream>

namespace turnix::daemon {

exit_code run_check(const check_options& options) {
    const auto loaded = load_checked(options.configuration);
    print_faults(loaded);
    if (!loaded.faults.empty()) return exit_code::failure;
    if (options.print_effective) {
        std::cout << config::effective_file(loaded);
        return exit_code::success;
    }
    std::cout << loaded.values.file.string() << ": no faults\n";
    return exit_code::success;
}

}  // namespace turnix::daemon
