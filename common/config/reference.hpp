// What people read of the schema: the commented configuration file and the reference page.
#pragma once

#include "common/config/settings.hpp"

#include <string>

namespace turnix::config {

/// A turnixd.yaml with every key: those whose value in `values` is the default are commented out.
std::string commented_file(const settings& values);

/// docs/configuration.md.
std::string reference_page();

}  // namespace turnix::config
