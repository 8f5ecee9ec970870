// Names and passwords that the operator has written down: for clients whose application issues no
// credentials. Any thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace turnix::credential {

/// Both prepared as OpaqueString (RFC 8265).
struct static_user {
    std::string name;
    std::string password;
};

/// One NAME:PASSWORD a line; mode 0600. Throws std::runtime_error with the file's name, the line, the fault
/// and the remedy, and without any password.
std::vector<static_user> load_static_users(const std::filesystem::path& file);

}  // namespace turnix::credential
