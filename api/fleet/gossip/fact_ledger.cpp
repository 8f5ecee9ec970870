#include "api/fleet/gossip/fact_ledger.hpp"

#include <cassert>
#include <utility>

namespace turnix::gossip {

namespace {

constexpr unsigned key_bits = 64;

/// A good mix of all bits (the finalizer of splitmix64).
constexpr std::uint64_t mixed(std::uint64_t value) noexcept {
    value = (value ^ (value >> 30U)) * 0xbf58'476d'1ce4'e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d0'49bb'1331'11ebU;
    return value ^ (value >> 31U);
}

/// Bits of a key that are free in a range of that depth.
constexpr unsigned free_bits(std::uint8_t depth) noexcept { return key_bits - key_range::step_bits * depth; }

std::chrono::sys_seconds seconds_of(wall_time now) noexcept {
    return std::chrono::floor<std::chrono::seconds>(now);
}

}  // namespace

static_assert(key_range::step_bits * key_range::depth_max <= key_bits);

fact_key key_range::last() const noexcept {
    return depth == 0 ? ~fact_key{0} : first | ((fact_key{1} << free_bits(depth)) - 1);
}

key_range key_range::part(std::size_t index) const noexcept {
    const auto deeper = static_cast<std::uint8_t>(depth + 1);
    return {.depth = deeper, .first = first | (fact_key{index} << free_bits(deeper))};
}

std::size_t key_range::part_of(fact_key key) const noexcept {
    return static_cast<std::size_t>(key >> free_bits(static_cast<std::uint8_t>(depth + 1))) % range_parts;
}

bool key_range::is_valid() const noexcept {
    if (depth > depth_max) return false;
    return depth == 0 ? first == 0 : (first & ((fact_key{1} << free_bits(depth)) - 1)) == 0;
}

bool fact_ledger::wants(const fact& told, wall_time now) const noexcept {
    if (told.until <= seconds_of(now)) return false;
    const auto found = held_.find(told.hashed_key());
    if (found == held_.end()) return held_.size() < facts_max;
    return found->second.values.version < told.version;
}

void fact_ledger::put(signed_fact told) {
    const auto [at, is_new] = held_.try_emplace(told.values.hashed_key());
    if (!is_new) toggle(*at);
    at->second = std::move(told);
    toggle(*at);
}

bool fact_ledger::holds(const fact& told) const noexcept {
    const auto found = held_.find(told.hashed_key());
    return found != held_.end() && found->second.values.version >= told.version;
}

void fact_ledger::expire(wall_time now) {
    const auto has_expired = [at = seconds_of(now)](const facts::value_type& each) {
        return each.second.values.until <= at;
    };
    for (const auto& each : held_) {
        if (has_expired(each)) toggle(each);
    }
    std::erase_if(held_, has_expired);
}

std::vector<std::variant<summary, inventory>> fact_ledger::compare(const summary& other) {
    std::vector<std::variant<summary, inventory>> answers;
    const auto own = summarise(other.of);
    if (own.sums == other.sums) return answers;
    if (!is_longer_than_a_list(other.of)) {
        answers.emplace_back(question(other.of));
        return answers;
    }
    for (std::size_t i = 0; i < range_parts && answers.size() < answers_max; ++i) {
        const auto index = (first_answered_ + i) % range_parts;
        if (own.sums[index] == other.sums[index]) continue;
        const auto part = other.of.part(index);
        if (part.depth < key_range::depth_max && is_longer_than_a_list(part)) {
            answers.emplace_back(summarise(part));
        } else {
            answers.emplace_back(question(part));
        }
        if (answers.size() == answers_max) first_answered_ = index + 1;
    }
    return answers;
}

inventory fact_ledger::question(const key_range& of) const {
    auto listed = list(of);
    listed.wants_answer = true;
    return listed;
}

inventory fact_ledger::list(const key_range& of) const {
    inventory made{.of = of, .entries = {}};
    made.entries.reserve(inventory_entries_max);
    for (auto at = held_.lower_bound(of.first); at != held_.end() && at->first <= of.last(); ++at) {
        if (made.entries.size() == inventory_entries_max) break;
        made.entries.push_back({.key = at->first, .version = at->second.values.version});
    }
    return made;
}

fact_ledger::difference fact_ledger::compare(const inventory& other) const {
    difference found;
    std::map<fact_key, std::uint64_t> theirs;
    for (const auto& each : other.entries) theirs.emplace(each.key, each.version);
    auto at = held_.lower_bound(other.of.first);
    for (; at != held_.end() && at->first <= other.of.last(); ++at) {
        if (found.newer.size() == facts_sent_max) break;
        const auto match = theirs.find(at->first);
        const auto version = at->second.values.version;
        if (match == theirs.end() || match->second < version) found.newer.push_back(at->first);
        if (match == theirs.end()) continue;
        found.lacks |= match->second > version;
        theirs.erase(match);
    }
    found.lacks |= !theirs.empty();
    return found;
}

const signed_fact& fact_ledger::told(fact_key key, const node_id& self, const crypto::ed25519_key& by) {
    auto& found = held_.at(key);
    if (found.signer == node_id{}) found = sign(std::move(found.values), self, by);
    return found;
}

std::uint64_t fact_ledger::sum_of(const facts::value_type& held) noexcept {
    return mixed(held.first ^ mixed(held.second.values.version));
}

summary fact_ledger::summarise(const key_range& of) const noexcept {
    assert(of.depth < key_range::depth_max);
    if (of.depth == 0) return summarise();
    summary made{.of = of};
    for (auto at = held_.lower_bound(of.first); at != held_.end() && at->first <= of.last(); ++at) {
        made.sums[of.part_of(at->first)] ^= sum_of(*at);
    }
    return made;
}

bool fact_ledger::is_longer_than_a_list(const key_range& of) const noexcept {
    std::size_t count = 0;
    for (auto at = held_.lower_bound(of.first); at != held_.end() && at->first <= of.last(); ++at) {
        if (++count > inventory_entries_max) return true;
    }
    return false;
}

void fact_ledger::toggle(const facts::value_type& held) noexcept {
    sums_[key_range{}.part_of(held.first)] ^= sum_of(held);
}

}  // namespace turnix::gossip
