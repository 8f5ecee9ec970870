#include "daemon/loop_watch.hpp"

#include <cstddef>

namespace turnix::daemon {

std::vector<std::string> loop_watch::look(monotonic_time now, const std::vector<loop_pulse>& loops) {
    if (seen_.size() != loops.size()) seen_.assign(loops.size(), {.ticks = 0, .at = now});
    std::vector<std::string> stuck;
    for (std::size_t i = 0; i < loops.size(); ++i) {
        if (loops[i].ticks != seen_[i].ticks) {
            seen_[i] = {.ticks = loops[i].ticks, .at = now};
        } else if (now - seen_[i].at >= stuck_after) {
            stuck.push_back(loops[i].name);  // NOLINT(performance-inefficient-vector-operation): rarely any
        }
    }
    return stuck;
}

}  // namespace turnix::daemon
