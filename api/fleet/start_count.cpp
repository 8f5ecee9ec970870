#include "api/fleet/start_count.hpp"

#include "common/credential/private_file.hpp"

#include <fmt/format.h>

#include <fstream>

namespace turnix::fleet {

std::uint32_t count_start(const std::filesystem::path& file) {
    // A count that is lost does no harm: the node hears from the others what it once had, and goes above it.
    std::uint32_t starts = 0;
    if (std::ifstream stream{file}; !(stream >> starts)) starts = 0;
    ++starts;
    credential::write_private_file(file, fmt::format("{}\n", starts));
    return starts;
}

}  // namespace turnix::fleet
