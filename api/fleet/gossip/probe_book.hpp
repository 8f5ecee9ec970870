// The probes under way: this node's own, and those that it makes for others who got no answer. Owner's
// thread.
#pragma once

#include "api/fleet/gossip/message.hpp"
#include "common/clock/instant.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace turnix::gossip {

/// Of this node's own.
struct probe {
    probe_number number{0};
    node_id target;
    monotonic_time sent;
    monotonic_time started;  ///< less what this process did not run since
    std::size_t relays{0};   ///< who was asked to probe as well
    std::size_t nacks{0};    ///< how many of them are there
    bool relayed{false};     ///< asking them is done, whether there were any or not
};

/// In another's place.
struct favour {
    probe_number number{0};
    node_id asker;
    probe_number asked_as{0};
    monotonic_time started;
    bool nacked{false};
};

class probe_book {
  public:
    probe_number begin(const node_id& target, monotonic_time now);
    probe_number begin_favour(const node_id& asker, probe_number asked_as, monotonic_time now);

    /// The probe or the favour of that number ends with this; nothing for a number that is not under way.
    std::optional<probe> end(probe_number number);
    std::optional<favour> end_favour(probe_number number);
    void count_nack(probe_number number) noexcept;

    [[nodiscard]] std::vector<probe>& probes() noexcept { return probes_; }
    [[nodiscard]] std::vector<favour>& favours() noexcept { return favours_; }

    /// Moves the begin of all by so much, because this process did not run.
    void postpone(monotonic_time::duration by) noexcept;

  private:
    std::vector<probe> probes_;
    std::vector<favour> favours_;
    probe_number last_{0};
};

}  // namespace turnix::gossip
