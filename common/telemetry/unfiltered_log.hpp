// Records that an operator has asked for while the daemon runs.
#pragma once

#include "common/telemetry/log.hpp"

#include <string_view>

namespace turnix::telemetry {

/// As logger(), but it writes whatever the level is. Its names are no other logger's.
spdlog::logger& unfiltered_logger(std::string_view name);

}  // namespace turnix::telemetry
