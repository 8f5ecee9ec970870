// What is new and has not been told often enough. The least told goes first, so that a burst starves nothing.
// Owner's thread.
#pragma once

#include "api/fleet/gossip/message.hpp"

#include <cstddef>
#include <vector>

namespace turnix::gossip {

class news_queue {
  public:
    /// Takes the place of what it outdates. A fact is passed over when facts_told_max wait: comparing finds
    /// it.
    void add(news told);
    /// Of what waits, verdicts of death are not told any more.
    void forget_deaths() noexcept;
    /// What goes into so many bytes, to be told once; forgets what has been told `times_max` times by then.
    [[nodiscard]] std::vector<news> take(std::size_t bytes, std::size_t times_max);
    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

  private:
    struct entry {
        news told;
        std::size_t times{0};
    };

    void count_facts() noexcept;

    std::vector<entry> waiting_;
    std::size_t facts_{0};  ///< of them
};

}  // namespace turnix::gossip
