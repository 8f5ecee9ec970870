// Facts under way from this node to every node that lives, until each has confirmed that it holds them. The
// gossip brings them everywhere as well; this is faster, and says who has them. Owner's thread.
#pragma once

#include "api/fleet/gossip/fact.hpp"
#include "api/fleet/gossip/limits.hpp"
#include "common/clock/instant.hpp"

#include <cstdint>
#include <vector>

namespace turnix::gossip {

using delivery_number = std::uint32_t;

struct delivery {
    delivery_number number{0};
    signed_fact told;
    std::vector<node_id> waiting;    ///< for their confirmation
    std::vector<node_id> confirmed;  ///< by them
    monotonic_time started;
    monotonic_time due;  ///< when those that wait are told again
};

class delivery_book {
  public:
    /// Confirmations outstanding at once; beyond that only the gossip carries facts.
    static constexpr std::size_t awaited_max = 4'096;

    delivery_number begin(signed_fact told, std::vector<node_id> to, monotonic_time now);
    void confirm(delivery_number number, const node_id& by);
    /// They live no longer: nobody waits for them.
    template <class Predicate>
    void give_up(const Predicate& on) {
        for (auto& each : under_way_) std::erase_if(each.waiting, on);
    }

    /// Those to be told again now: who has not confirmed.
    [[nodiscard]] std::vector<delivery*> due(monotonic_time now);
    /// Those that all have confirmed, and those whose time is up; they are no longer under way.
    [[nodiscard]] std::vector<delivery> take_ended(monotonic_time now);

  private:
    std::vector<delivery> under_way_;
    delivery_number last_{0};
};

}  // namespace turnix::gossip
