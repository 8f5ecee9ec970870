#include "api/fleet/gossip/member_table.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace turnix::gossip {

namespace {

/// So many others that suspect the same node make a suspicion as short as it gets.
constexpr std::size_t confirmations_max = 3;

}  // namespace

std::string_view to_string(node_state value) noexcept {
    switch (value) {
        case node_state::unknown:
            return "unknown";
        case node_state::alive:
            return "alive";
        case node_state::draining:
            return "draining";
        case node_state::suspect:
            return "suspect";
        case node_state::dead:
            return "dead";
        case node_state::left:
            return "left";
    }
    return "";
}

node_state member::state() const noexcept {
    if (!record) return node_state::unknown;
    // Who left said so itself: that it does not answer is as it should be.
    if (record->values.status.state == declared_state::left) return node_state::left;
    if (judged) return *judged == verdict_kind::dead ? node_state::dead : node_state::suspect;
    return record->values.status.state == declared_state::draining ? node_state::draining : node_state::alive;
}

member_table::member_table(std::span<const known_node> nodes, const node_id& self) : self_{self} {
    members_.reserve(nodes.size());
    add(nodes);
}

void member_table::add(std::span<const known_node> nodes) {
    for (const auto& node : nodes) {
        if (node.id == self_) continue;
        const auto place = std::ranges::lower_bound(members_, node.id, {}, &member::id);
        if (place != members_.end() && place->id == node.id) {
            place->address = node.address;
        } else {
            members_.emplace(place, node);
        }
    }
}

const member* member_table::find(const node_id& node) const noexcept {
    const auto found = std::ranges::lower_bound(members_, node, {}, &member::id);
    return found != members_.end() && found->id == node ? &*found : nullptr;
}

member* member_table::find_mutable(const node_id& node) noexcept {
    const auto found = std::ranges::lower_bound(members_, node, {}, &member::id);
    return found != members_.end() && found->id == node ? &*found : nullptr;
}

bool member_table::learn(const signed_record& record) {
    auto* const about = find_mutable(record.values.node);
    if (about == nullptr || (about->record && record.values.version <= about->version())) return false;
    if (!is_signed_by(record, about->key)) return false;
    const auto before = about->state();
    if (record.values.version.incarnation > about->version().incarnation) {
        about->judged.reset();
        about->accusers.clear();
    }
    about->record = record;
    note(*about, before);
    return true;
}

bool member_table::judge(const verdict& of, monotonic_time now) {
    auto* const about = find_mutable(of.about);
    if (about == nullptr || !about->record || of.incarnation != about->version().incarnation) return false;
    if (about->judged == verdict_kind::dead || about->state() == node_state::left) return false;
    const auto before = about->state();
    if (of.kind == verdict_kind::suspect) {
        if (std::ranges::find(about->accusers, of.accuser) != about->accusers.end()) return false;
        if (about->accusers.size() > confirmations_max) return false;
        about->accusers.push_back(of.accuser);
        if (!about->judged) about->suspect_since = now;
    }
    about->judged = of.kind;
    note(*about, before);
    return true;
}

interval member_table::suspicion_of(const member& of) const noexcept {
    // Everyone who lives may confirm, but the one who began and the suspect itself.
    const auto possible = std::min(confirmations_max, live() - std::min<std::size_t>(live(), 1));
    if (possible == 0) return suspicion_least;
    const auto confirmed =
        std::min(possible, of.accusers.size() - std::min<std::size_t>(of.accusers.size(), 1));
    const auto share =
        std::log(static_cast<double>(confirmed) + 1) / std::log(static_cast<double>(possible) + 1);
    const std::chrono::duration<double, std::milli> saved = share * (suspicion_most - suspicion_least);
    return suspicion_most - std::chrono::duration_cast<interval>(saved);
}

std::vector<node_id> member_table::overdue(monotonic_time now) const {
    std::vector<node_id> found;
    for (const auto& each : members_) {
        if (each.state() == node_state::suspect && now - each.suspect_since >= suspicion_of(each)) {
            found.push_back(each.id);
        }
    }
    return found;
}

void member_table::postpone(monotonic_time::duration by) noexcept {
    for (auto& each : members_) each.suspect_since += by;
}

std::size_t member_table::live() const noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(members_, [](const member& each) { return is_live(each.state()); }));
}

std::size_t member_table::known() const noexcept {
    return static_cast<std::size_t>(std::ranges::count_if(members_, [](const member& each) {
        return each.state() != node_state::unknown && each.state() != node_state::left;
    }));
}

bool member_table::is_minority() const noexcept {
    constexpr std::size_t fleet_least = 3;
    const auto ever_seen = known() + 1;
    return ever_seen >= fleet_least && 2 * (live() + 1) <= ever_seen;
}

std::vector<state_change> member_table::take_changes() noexcept { return std::exchange(changes_, {}); }

void member_table::note(const member& changed, node_state from) {
    if (changed.state() != from)
        changes_.push_back({.node = changed.id, .from = from, .to = changed.state()});
}

}  // namespace turnix::gossip
