#include "api/fleet/region_directory.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

namespace turnix::fleet {

namespace {

/// Null for a node that does not gossip, and without gossip.
const node_view* view_of(const node_entry& node, const fleet_view* fleet) noexcept {
    return fleet != nullptr && node.gossiper ? fleet->find(node.gossiper->id) : nullptr;
}

/// Sessions of the nodes of a region, for its load.
struct session_sum {
    std::uint64_t taken{0};
    std::uint64_t room{0};

    void add(std::uint32_t sessions, std::uint32_t sessions_max) noexcept {
        taken += sessions;
        room += sessions_max;
    }
    [[nodiscard]] std::optional<double> load() const noexcept {
        if (room == 0) return std::nullopt;
        return static_cast<double>(taken) / static_cast<double>(room);
    }
};

/// One node after the other, to what they are together.
struct region_tally {
    bool online{false};
    bool operational{false};
    std::size_t nodes_online{0};
    std::size_t draining{0};
    session_sum taking;  ///< new sessions
    session_sum live;

    void assume() noexcept { online = operational = true; }
    void add(const contract::relay_load& node) noexcept {
        online = true;
        ++nodes_online;
        draining += node.draining ? 1 : 0;
        live.add(node.sessions, node.sessions_max);
        if (!node.takes_new_sessions()) return;
        operational = true;
        taking.add(node.sessions, node.sessions_max);
    }
    [[nodiscard]] region_state state() const noexcept {
        return {.online = online,
                .operational = operational,
                .draining = nodes_online > 0 && draining == nodes_online,
                .load = taking.room > 0 ? taking.load() : live.load(),
                .nodes_online = nodes_online};
    }
};

contract::relay_load load_of(const node_view& node) noexcept {
    return {.sessions = node.status.sessions,
            .sessions_max = node.status.sessions_max,
            .draining = node.status.state == gossip::declared_state::draining};
}

const region_entry* find_own(const region_catalogue& catalogue, std::string_view own_region) {
    const auto* const own = catalogue.find(own_region);
    if (own != nullptr) return own;
    throw std::runtime_error{
        fmt::format("node.region: \"{}\" is not in the regions file; add it there, or name one of its slugs",
                    own_region)};
}

}  // namespace

region_directory::region_directory(region_catalogue catalogue, std::string_view own_region,
                                   const contract::session_control& relay)
    : relay_{relay} {
    editions_.emplace_back(std::move(catalogue), own_region);
}

region_directory::edition::edition(region_catalogue from, std::string_view own_region)
    : catalogue{std::move(from)}, own{find_own(catalogue, own_region)} {}

void region_directory::use(region_catalogue catalogue) {
    const auto& slug = own().slug;
    const std::lock_guard lock{guard_};
    editions_.emplace_back(std::move(catalogue), slug);
}

region_state region_directory::state_of(const region_entry& which) const {
    const bool is_own = which.slug == own().slug;
    region_tally tally;
    if (is_own) tally.add(relay_.load());
    const auto fleet = view();
    for (const auto& node : which.nodes) {
        const auto* const seen = view_of(node, fleet.get());
        // Where the gossip knows nothing of a node, the regions file has the last word.
        if (seen == nullptr && !is_own && which.assume_online) tally.assume();
        if (seen != nullptr && seen->is_online()) tally.add(load_of(*seen));
    }
    return tally.state();
}

std::optional<gossip::round_trip_time> region_directory::round_trip(const region_entry& a,
                                                                    const region_entry& b) const {
    const auto fleet = view();
    std::optional<gossip::round_trip_time> least;
    if (!fleet) return least;
    const auto live_in = [&fleet](const region_entry& region) {
        std::vector<gossip::node_id> ids;
        for (const auto& node : region.nodes) {
            if (!node.gossiper) continue;
            const auto* const seen = fleet->find(node.gossiper->id);
            if (seen == nullptr || seen->is_online()) ids.push_back(node.gossiper->id);  // null: this node
        }
        return ids;
    };
    const auto there = live_in(b);
    for (const auto& from : live_in(a)) {
        for (const auto& to : there) {
            const auto found = fleet->round_trip(from, to);
            if (found && (!least || *found < *least)) least = found;
        }
    }
    return least;
}

bool region_directory::is_stale() const {
    const auto fleet = view();
    return fleet && fleet->is_stale();
}

std::vector<ready_node> region_directory::ready_nodes(const region_entry& in, const fleet_view* fleet) const {
    std::vector<ready_node> ready;
    ready.reserve(in.nodes.size());
    for (const auto& node : in.nodes) {
        const auto* const seen = view_of(node, fleet);
        const bool is_assumed = seen == nullptr && in.slug != own().slug && in.assume_online;
        if (!is_assumed && (seen == nullptr || !seen->takes_new_sessions())) continue;
        auto& entry = ready.emplace_back(ready_node{.entry = node, .seen = seen}).entry;
        if (seen == nullptr) continue;
        const auto& ports = seen->status.ports;
        entry.udp = ports.udp;
        entry.tcp = ports.tcp;
        entry.tls = ports.tls;
        entry.dtls = ports.dtls;
    }
    return ready;
}

std::optional<node_entry> region_directory::other_node(const region_entry& in, std::uint64_t random) const {
    const auto fleet = view();
    const auto ready = ready_nodes(in, fleet.get());
    const auto* const chosen = less_loaded_of_two(std::span{ready}, random);
    if (chosen == nullptr) return std::nullopt;
    return chosen->entry;
}

bool region_directory::hears(const gossip::node_id& node) const {
    const auto fleet = view();
    const auto* const seen = fleet == nullptr ? nullptr : fleet->find(node);
    return seen != nullptr && seen->is_online();
}

void region_directory::heed(std::shared_ptr<const fleet_view> view) {
    const std::lock_guard lock{guard_};
    view_ = std::move(view);
}

const region_directory::edition& region_directory::in_force() const noexcept {
    const std::lock_guard lock{guard_};
    return editions_.back();
}

std::shared_ptr<const fleet_view> region_directory::view() const {
    const std::lock_guard lock{guard_};
    return view_;
}

}  // namespace turnix::fleet
