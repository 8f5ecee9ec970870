#include "api/fleet/region_directory.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace turnix::fleet {

region_directory::region_directory(region_catalogue catalogue, std::string_view own_region,
                                   const contract::session_control& relay)
    : catalogue_{std::move(catalogue)}, own_{catalogue_.find(own_region)}, relay_{relay} {
    if (own_ == nullptr) {
        throw std::runtime_error{
            fmt::format("node.region: \"{}\" is not in the regions file; add it there, or name one of its "
                        "slugs",
                        own_region)};
    }
}

region_state region_directory::state_of(const region_entry& which) const noexcept {
    if (&which == own_) return {.online = true, .operational = relay_.load().takes_new_sessions()};
    return {.online = which.assume_online, .operational = which.assume_online};
}

}  // namespace turnix::fleet
