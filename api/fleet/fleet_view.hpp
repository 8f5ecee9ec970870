// What the gossip says of the nodes at one moment, for those who choose among them. Immutable.
#pragma once

#include "api/fleet/gossip/member_table.hpp"
#include "api/fleet/gossip/round_trip_book.hpp"

#include <memory>
#include <optional>
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

/// In the order of both ids.
using path_list = std::shared_ptr<const std::vector<gossip::measured_path>>;

/// As gossip::agent has it.
struct gossip_look {
    std::span<const gossip::member> members;  ///< the others, in the order of their ids
    path_list paths{};                        ///< null: none
    bool is_minority{false};
};

class fleet_view {
  public:
    explicit fleet_view(const gossip_look& from);

    /// Null for this node itself, and for one that does not gossip.
    [[nodiscard]] const node_view* find(const gossip::node_id& node) const noexcept;
    /// Between two nodes, whichever has measured it; of both the lesser, as only waiting adds to it.
    [[nodiscard]] std::optional<gossip::round_trip_time> round_trip(const gossip::node_id& a,
                                                                    const gossip::node_id& b) const noexcept;
    /// This node may be cut off from the others: see gossip::agent::is_minority.
    [[nodiscard]] bool is_stale() const noexcept { return is_stale_; }

  private:
    std::vector<node_view> nodes_;
    path_list paths_;
    bool is_stale_;
};

}  // namespace turnix::fleet
