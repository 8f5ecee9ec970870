// How often this node has started, on disk: the others tell an old start's word from a new one's by it.
#pragma once

#include <cstdint>
#include <filesystem>

namespace turnix::fleet {

/// Counts one start more and returns when that is durable; 1 when there is no file yet, or none that can be
/// read. Throws std::runtime_error when it cannot be written.
std::uint32_t count_start(const std::filesystem::path& file);

}  // namespace turnix::fleet
