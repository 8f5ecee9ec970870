#include "common/contract/override_set.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace turnix::contract {

namespace {

constexpr detail::identifier_bytes no_id{};

constexpr std::size_t mixed(std::size_t seed, std::size_t value) noexcept {
    constexpr std::size_t odd = 0x9e37'79b9'7f4a'7c15U;
    return (seed ^ value) * odd + (seed >> 7U);
}

bool is_rule(const credential_override& of) noexcept { return of.target.scope != override_scope::credential; }

std::size_t rules_in(const auto& place) noexcept {
    const auto rules = std::ranges::count_if(place, [](const auto& each) { return is_rule(each.second); });
    return static_cast<std::size_t>(rules);
}

}  // namespace

std::size_t override_set::key_hash::operator()(const key_view& of) const noexcept {
    auto hash = std::hash<project_id>{}(of.project);
    hash = mixed(hash, std::hash<token_id>{}(token_id{of.id}));
    hash = mixed(hash, std::hash<std::string_view>{}(of.name));
    return mixed(hash, static_cast<std::size_t>(of.scope) * 8 + static_cast<std::size_t>(of.kind));
}

bool override_set::key_equal::operator()(const key_view& a, const key& b) const noexcept {
    return a.kind == b.kind && a.scope == b.target.scope && a.project == b.target.project &&
           a.id == b.target.id && a.name == b.target.name;
}

std::size_t override_set::part_of(const key_view& of) noexcept {
    // The map inside uses the same hash: its low bits are left to it.
    return (key_hash{}(of) >> 48U) % parts;
}

std::shared_ptr<const override_set> override_set::of(std::span<const credential_override> records) {
    auto made = std::make_shared<override_set>();
    std::array<std::shared_ptr<part>, parts> places;
    for (const auto& each : records) {
        auto& place = places[part_of(view_of(each.target, each.kind))];
        if (!place) place = std::make_shared<part>();
        made->put(*place, each);
    }
    std::ranges::copy(places, made->parts_.begin());
    return made;
}

std::shared_ptr<const override_set> override_set::with(const credential_override& added) const {
    auto changed = std::make_shared<override_set>(*this);
    auto& place = changed->parts_[part_of(view_of(added.target, added.kind))];
    auto renewed = place ? std::make_shared<part>(*place) : std::make_shared<part>();
    changed->put(*renewed, added);
    place = std::move(renewed);
    return changed;
}

void override_set::put(part& place, const credential_override& added) {
    const auto [at, is_new] = place.try_emplace(key{.target = added.target, .kind = added.kind}, added);
    if (is_new) {
        ++size_;
        if (is_rule(added)) ++rules_;
    } else if (at->second.version < added.version) {
        at->second = added;
    }
}

std::shared_ptr<const override_set> override_set::without_expired(std::chrono::sys_seconds now) const {
    auto left = std::make_shared<override_set>(*this);
    const auto has_expired = [now](const auto& each) { return each.second.until < now; };
    for (auto& place : left->parts_) {
        if (!place || std::ranges::none_of(*place, has_expired)) continue;
        auto renewed = std::make_shared<part>(*place);
        left->size_ -= erase_if(*renewed, has_expired);
        left->rules_ -= rules_in(*place) - rules_in(*renewed);
        place = std::move(renewed);
    }
    return left;
}

const credential_override* override_set::look_up(const key_view& wanted) const noexcept {
    const auto& place = parts_[part_of(wanted)];
    if (!place) return nullptr;
    const auto found = place->find(wanted);
    return found == place->end() ? nullptr : &found->second;
}

const credential_override* override_set::find(const override_target& target,
                                              override_kind kind) const noexcept {
    return look_up(view_of(target, kind));
}

template <class Told>
void override_set::for_each_rule(const credential::claims& of, const Told& tell) const noexcept {
    if (rules_ == 0) return;
    const auto ask = [&](override_scope scope, const detail::identifier_bytes& id, std::string_view name) {
        const bool is_named = scope == override_scope::room || scope == override_scope::client;
        if (is_named && name.empty()) return;
        for (const auto kind : {override_kind::revoke, override_kind::extend, override_kind::cap}) {
            const auto* const found =
                look_up({.project = of.project, .id = id, .name = name, .scope = scope, .kind = kind});
            if (found != nullptr) tell(*found);
        }
    };
    ask(override_scope::project, no_id, {});
    ask(override_scope::token, of.token.bytes, {});
    ask(override_scope::room, no_id, of.room);
    ask(override_scope::client, no_id, of.initiator_client);
    if (of.receiver_client != of.initiator_client) ask(override_scope::client, no_id, of.receiver_client);
}

credential_standing override_set::standing_of(const credential::claims& of) const noexcept {
    credential_standing standing;
    if (size_ == 0) return standing;
    const auto count = [&standing](const credential_override& holds) {
        switch (holds.kind) {
            case override_kind::revoke:
                standing.is_revoked = true;
                standing.ends_sessions |= holds.sessions == live_sessions_rule::terminate;
                break;
            case override_kind::extend:
                standing.extended = {.expires_at = holds.expires_at,
                                     .sessions_end_at = holds.sessions_end_at};
                break;
            case override_kind::cap:
                standing.limits = holds.limits;
                break;
        }
    };
    for_each_rule(of, [&](const credential_override& rule) {
        if (of.issued_at < rule.issued_before) count(rule);
    });
    // What is said of the one credential comes last: it goes before the rules.
    for (const auto kind : {override_kind::revoke, override_kind::extend, override_kind::cap}) {
        const auto* const found = look_up({.project = of.project,
                                           .id = of.id.bytes,
                                           .name = {},
                                           .scope = override_scope::credential,
                                           .kind = kind});
        if (found != nullptr) count(*found);
    }
    return standing;
}

std::chrono::sys_seconds override_set::free_of_rules_from(const credential::claims& of) const noexcept {
    auto first = of.issued_at;
    for_each_rule(of, [&](const credential_override& rule) { first = std::max(first, rule.issued_before); });
    return first;
}

}  // namespace turnix::contract
