// Addresses of databases, as far as they are secrets: what has a password in it is neither taken from a
// configuration nor shown.
#pragma once

#include <string_view>

namespace turnix::config {

/// "postgresql://me:secret@host/name", "postgresql://host/name?password=secret"
bool has_password(std::string_view url) noexcept;
/// "(hidden)" when it has one, otherwise the address.
std::string_view without_secret(std::string_view url) noexcept;

}  // namespace turnix::config
