// What works at present: the catalogue's regions, each online and operational or not, as this node sees it.
//
// Without gossip only this node's own region is known to be online. Any thread.
#pragma once

#include "api/fleet/fleet_view.hpp"
#include "api/fleet/region_catalogue.hpp"
#include "common/contract/session_control.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace turnix::fleet {

struct region_state {
    bool online{false};       ///< a live node is known there
    bool operational{false};  ///< online, not draining, not over capacity
    bool draining{false};     ///< each of its live nodes is
    /// The share of their sessions that those of its nodes have that take new ones, or all that live where
    /// none does; nothing where no node says so.
    std::optional<double> load{};
    std::size_t nodes_online{0};
};

/// A node other than this one that takes new sessions.
struct ready_node {
    node_entry entry;  ///< with the ports that the node says it serves
    /// Null where the regions file alone says that it works.
    const node_view* seen{nullptr};

    [[nodiscard]] double load() const noexcept { return seen == nullptr ? 0 : seen->load(); }
};

/// Of two at random the less loaded; `random` is any number. Null when there is none.
template <class Node>
[[nodiscard]] const Node* less_loaded_of_two(std::span<const Node> from, std::uint64_t random) {
    if (from.empty()) return nullptr;
    const auto first = random % from.size();
    if (from.size() == 1) return &from[first];
    const auto offset = 1 + (random / from.size()) % (from.size() - 1);
    const auto& second = from[(first + offset) % from.size()];
    return second.load() < from[first].load() ? &second : &from[first];
}

class region_directory {
  public:
    /// `own_region` is the slug of this node's region; throws std::runtime_error with the remedy when the
    /// catalogue has no such region. `relay` must outlive the directory.
    region_directory(region_catalogue catalogue, std::string_view own_region,
                     const contract::session_control& relay);
    region_directory(const region_directory&) = delete;
    region_directory& operator=(const region_directory&) = delete;

    /// From here on the gossip says which of the others work.
    void heed(std::shared_ptr<const fleet_view> view);
    /// Takes another catalogue. Throws std::runtime_error with the remedy when it lacks this node's region,
    /// and changes nothing then. What readers hold of the former one stays: it is kept, some kilobytes.
    void use(region_catalogue catalogue);

    [[nodiscard]] std::span<const region_entry> regions() const noexcept {
        return in_force().catalogue.regions();
    }
    [[nodiscard]] std::vector<gossip::known_node> gossipers() const {
        return in_force().catalogue.gossipers();
    }
    [[nodiscard]] const region_entry* find(std::string_view slug) const noexcept {
        return in_force().catalogue.find(slug);
    }
    [[nodiscard]] const region_entry& own() const noexcept { return *in_force().own; }
    /// `which` is one of regions().
    [[nodiscard]] region_state state_of(const region_entry& which) const;
    /// Between the nearest two nodes of two regions that live, as far as it has been measured.
    [[nodiscard]] std::optional<gossip::round_trip_time> round_trip(const region_entry& a,
                                                                    const region_entry& b) const;
    /// This node may be cut off: what it says of the others may be wrong, and nobody is told so.
    [[nodiscard]] bool is_stale() const;
    /// The nodes of a region that is not necessarily operational; what they point into is part of `fleet`.
    [[nodiscard]] std::vector<ready_node> ready_nodes(const region_entry& in, const fleet_view* fleet) const;
    /// Null without gossip.
    [[nodiscard]] std::shared_ptr<const fleet_view> view() const;
    /// A node of a region that is operational, other than this one: of two at random the less loaded.
    /// `random` is any number. The entry has the ports that the node says it serves.
    [[nodiscard]] std::optional<node_entry> other_node(const region_entry& in, std::uint64_t random) const;
    /// Does the gossip hear this node? Not without gossip.
    [[nodiscard]] bool hears(const gossip::node_id& node) const;
    /// Does this node take new sessions?
    [[nodiscard]] bool takes_new_sessions() const noexcept { return relay_.load().takes_new_sessions(); }

  private:
    struct edition {
        edition(region_catalogue from, std::string_view own_region);
        region_catalogue catalogue;
        const region_entry* own;
    };

    [[nodiscard]] const edition& in_force() const noexcept;

    const contract::session_control& relay_;
    mutable std::mutex guard_;
    std::list<edition> editions_;             ///< the last is in force
    std::shared_ptr<const fleet_view> view_;  ///< null without gossip
};

}  // namespace turnix::fleet
