// What no single value shows: whether the settings fit each other and the files they name.
#pragma once

#include "common/config/configuration.hpp"

namespace turnix::config {

/// Adds the faults it finds; a key that is refused already is not held against others.
void check_consistency(configuration& loaded);

}  // namespace turnix::config
