// What the gossip says of the other nodes at one moment, for those who choose among them. Immutable.
#pragma once

#include "api/fleet/gossip/member_table.hpp"

#include <span>
#include <vector>

namespace turnix::fleet {

struct node_view {
    gossip::node_id id;
    gossip::node_state state{gossip::node_state::unknown};
    gossip::node_status status;  ///< what it last said of itself

    [[nodiscard]] bool is_online() const noexcept { return gossip::is_live(state); }
    /// It is there, does not drain, and has room, as far as is known.
    [[nodiscard]] bool takes_new_sessions() const noexcept;
    /// The share of its sessions that it has.
    [[nodiscard]] double load() const noexcept;
};

class fleet_view {
  public:
    /// `members` are in the order of their ids.
    explicit fleet_view(std::span<const gossip::member> members);

    /// Null for a node that does not gossip.
    [[nodiscard]] const node_view* find(const gossip::node_id& node) const noexcept;

  private:
    std::vector<node_view> nodes_;
};

}  // namespace turnix::fleet
