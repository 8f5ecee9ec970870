// What people read of the schema: the commented configuration file and the reference page.
#pragma once

#include "common/config/configuration.hpp"
#include "common/config/settings.hpp"

#include <string>

namespace turnix::config {

/// A turnixd.yaml with every key: those whose value in `values` is the default are commented out.
std::string commented_file(const settings& values);

/// A turnixd.yaml that says what is in force, with where each value was written. Nothing in it is secret:
/// secrets are in files, and only their names are in a configuration.
std::string effective_file(const configuration& loaded);

/// docs/configuration.md.
std::string reference_page();

}  // namespace turnix::config
