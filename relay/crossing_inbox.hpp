// What other workers have posted to one worker (relay/turn/crossing.hpp), until it looks.
//
// Behind a mutex that is held for a move of a value: crossings are off the packet's way.
#pragma once

#include "relay/turn/crossing.hpp"

#include <cstddef>
#include <mutex>
#include <vector>

namespace turnix::relay {

class crossing_inbox {
  public:
    /// Requests are what strangers can make others post; everything else is bounded by the sessions there
    /// are.
    static constexpr std::size_t requests_max = 1'024;

    /// Any thread. True when the inbox was empty: its owner is to be woken.
    [[nodiscard]] bool push(turn::crossing what);
    /// The owner's thread: all, in their order.
    [[nodiscard]] std::vector<turn::crossing> take();

  private:
    std::mutex guard_;
    std::vector<turn::crossing> waiting_;
    std::size_t requests_{0};
};

}  // namespace turnix::relay
