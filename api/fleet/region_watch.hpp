// Notices when regions of the fleet go down, and when they are back: those of which this node has heard that
// they live. One owner.
#pragma once

#include "api/fleet/region_directory.hpp"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace turnix::fleet {

struct region_change {
    std::string region;     ///< its slug
    bool is_online{false};  ///< now
    std::string seen_from;  ///< the slug of this node's region
    bool is_stale{false};   ///< see region_directory::is_stale
};

class region_watch {
  public:
    /// What has changed since the last look, each change once. A region that was never online is not down.
    [[nodiscard]] std::vector<region_change> look(const region_directory& at);

  private:
    std::set<std::string, std::less<>> online_;
    std::set<std::string, std::less<>> down_;  ///< those that were online
};

}  // namespace turnix::fleet
