#include "api/fleet/region_directory.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>
#include <vector>

namespace turnix::fleet {

namespace {

/// Null for a node that does not gossip, and without gossip.
const node_view* view_of(const node_entry& node, const fleet_view* fleet) noexcept {
    return fleet != nullptr && node.gossiper ? fleet->find(node.gossiper->id) : nullptr;
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
    region_state state{.online = is_own, .operational = is_own && takes_new_sessions()};
    const auto fleet = view();
    for (const auto& node : which.nodes) {
        const auto* const seen = view_of(node, fleet.get());
        // Where the gossip knows nothing of a node, the regions file has the last word.
        const bool is_assumed = seen == nullptr && !is_own && which.assume_online;
        state.online |= is_assumed || (seen != nullptr && seen->is_online());
        state.operational |= is_assumed || (seen != nullptr && seen->takes_new_sessions());
    }
    return state;
}

std::optional<node_entry> region_directory::other_node(const region_entry& in, std::uint64_t random) const {
    struct candidate {
        const node_entry* entry;
        const node_view* seen;
        [[nodiscard]] double load() const noexcept { return seen == nullptr ? 0 : seen->load(); }
    };
    const auto fleet = view();
    std::vector<candidate> candidates;
    candidates.reserve(in.nodes.size());
    for (const auto& node : in.nodes) {
        const auto* const seen = view_of(node, fleet.get());
        const bool is_assumed = seen == nullptr && in.slug != own().slug && in.assume_online;
        if (is_assumed || (seen != nullptr && seen->takes_new_sessions()))
            candidates.push_back({&node, seen});
    }
    if (candidates.empty()) return std::nullopt;
    const auto first = random % candidates.size();
    auto chosen = candidates[first];
    if (candidates.size() > 1) {
        const auto offset = 1 + (random / candidates.size()) % (candidates.size() - 1);
        const auto& second = candidates[(first + offset) % candidates.size()];
        if (second.load() < chosen.load()) chosen = second;
    }
    auto node = *chosen.entry;
    if (chosen.seen != nullptr) {
        const auto& ports = chosen.seen->status.ports;
        node.udp = ports.udp;
        node.tcp = ports.tcp;
        node.tls = ports.tls;
        node.dtls = ports.dtls;
    }
    return node;
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
