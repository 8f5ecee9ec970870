// Which of the strangers' requests are answered while a worker is behind: those who are in a call go first,
// and nobody is silenced altogether.
//
// One for each worker, used on its thread; time and randomness come in. All that a worker finds in one look
// at its sockets has one time. A crowd of strangers in one look after the other is a queue that grows faster
// than it is served: each such look halves the share that is answered, down to a 64th, and each other one
// doubles it.
#pragma once

#include "common/clock/instant.hpp"
#include "relay/turn/random_pool.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace turnix::turn {

class stranger_share {
  public:
    /// So many strangers in one look are a crowd.
    static constexpr std::uint32_t crowd = 64;
    /// Who looks less often has time to spare.
    static constexpr std::chrono::milliseconds pause{250};
    static constexpr std::uint32_t halvings_max = 6;

    /// Counts a stranger's request, and says whether it may be answered.
    [[nodiscard]] bool take(monotonic_time now, random_pool& random) {
        if (now != looked_at_) begin_look(now);
        ++in_look_;
        if (halvings_ == 0) return true;
        const auto dice = std::to_integer<unsigned>(random.take<std::array<std::byte, 1>>()[0]);
        return dice % (1U << halvings_) == 0;
    }

  private:
    void begin_look(monotonic_time now) noexcept {
        const auto passed = now - looked_at_;
        if (passed >= pause) {
            halvings_ = 0;
        } else if (in_look_ >= crowd) {
            halvings_ = std::min(halvings_ + 1, halvings_max);
        } else if (halvings_ > 0) {
            --halvings_;
        }
        looked_at_ = now;
        in_look_ = 0;
    }

    monotonic_time looked_at_{};
    std::uint32_t in_look_{0};
    std::uint32_t halvings_{0};
};

}  // namespace turnix::turn
