// The address of the database that nodes share, as libpq takes it. A secret where it has a password.
#pragma once

#include <filesystem>
#include <string>

namespace turnix::upstream {

/// Throws std::runtime_error, which says what is at fault without the address, when libpq cannot read it.
std::string checked_url(std::string url);
/// The only line of a file of mode 0600. Throws as checked_url and credential::read_private_lines.
std::string load_url(const std::filesystem::path& file);

}  // namespace turnix::upstream
