// How much of something that runs out is in use.
#pragma once

#include <cstdint>
#include <string_view>

namespace turnix::daemon {

struct resource_use {
    std::uint64_t used{0};
    std::uint64_t limit{0};         ///< 0 when nobody can say
    std::string_view bound_by{""};  ///< what an operator would raise

    [[nodiscard]] double share() const noexcept {
        return limit == 0 ? 0 : static_cast<double>(used) / static_cast<double>(limit);
    }
};

}  // namespace turnix::daemon
