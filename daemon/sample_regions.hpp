// The repository's regions.yaml, compiled in, so that `turnixd init` needs no installed file.
#pragma once

#include <string_view>

namespace turnix::daemon {

extern const std::string_view sample_regions;

}  // namespace turnix::daemon
