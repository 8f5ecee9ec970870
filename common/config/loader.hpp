// From turnixd.yaml and --set to settings. Used at start and by `turnixd check`; reads files, keeps nothing.
#pragma once

#include "common/config/configuration.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace turnix::config {

/// Reads the file, then each "key=value" of `overrides` over it (the value as YAML flow text), then holds the
/// values against each other and against the files they name. All faults are found at once; none is thrown.
configuration load(const std::filesystem::path& file, const std::vector<std::string>& overrides);

}  // namespace turnix::config
