// Files that only their owner may read: key rings and the like.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::credential {

/// The whole file. Throws std::runtime_error with its name, the fault and the remedy: missing, unreadable, no
/// regular file, open to its group or others, larger than 1 MiB.
std::string read_private_file(const std::filesystem::path& file);

struct private_line {
    std::size_t number{0};  ///< counted from 1
    std::string text;
};
/// The lines of such a file that are not empty, without their ends (LF or CR LF). Throws as
/// read_private_file, and when there is none.
std::vector<private_line> read_private_lines(const std::filesystem::path& file);

/// Replaces the file with mode 0600 in one step: written beside it, synced, renamed over it. Throws
/// std::runtime_error with its name and the fault; the old file is then untouched.
void write_private_file(const std::filesystem::path& file, std::string_view text);

}  // namespace turnix::credential
