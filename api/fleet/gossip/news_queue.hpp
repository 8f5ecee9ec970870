// What is new and has not been told often enough. The least told goes first, so that a burst starves nothing.
// Owner's thread.
#pragma once

#include "api/fleet/gossip/message.hpp"

#include <cstddef>
#include <vector>

namespace turnix::gossip {

class news_queue {
  public:
    /// Takes the place of what it outdates.
    void add(news told);
    /// What goes into so many bytes, to be told once; forgets what has been told `times_max` times by then.
    [[nodiscard]] std::vector<news> take(std::size_t bytes, std::size_t times_max);
    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

  private:
    struct entry {
        news told;
        std::size_t times{0};
    };
    std::vector<entry> waiting_;
};

}  // namespace turnix::gossip
