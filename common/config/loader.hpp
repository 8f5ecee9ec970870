// From turnixd.yaml, the environment and --set to settings. Used at start and by `turnixd check`; reads
// files, keeps nothing.
#pragma once

#include "common/config/configuration.hpp"
#include "common/config/surroundings.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace turnix::config {

/// Reads the file, then the variables of `around` and each "key=value" of `overrides` over it (their values
/// as YAML flow text), then holds the values against each other and against the files they name. All faults
/// are found at once; none is thrown.
configuration load(const std::filesystem::path& file, const std::vector<std::string>& overrides,
                   const surroundings& around = surroundings::of_process());

}  // namespace turnix::config
