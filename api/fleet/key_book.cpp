#include "api/fleet/key_book.hpp"

#include "api/model/shared_record.hpp"
#include "common/telemetry/log.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace turnix::fleet {

namespace {

using credential::key;
using credential::key_number;
using credential::key_ring;

constexpr std::string_view log_name = "api.fleet";
constexpr std::chrono::days validity{3650};

std::uint64_t moment_of(std::uint64_t version) noexcept { return version & ~model::shared_record::final_bit; }

bool has_same_secret(const key& one, const key& other) {
    return std::ranges::equal(one.root.bytes(), other.root.bytes());
}

}  // namespace

std::string_view to_string(key_state value) noexcept {
    switch (value) {
        case key_state::fresh:
            return "new";
        case key_state::active:
            return "active";
        case key_state::former:
            return "former";
        case key_state::retired:
            return "retired";
    }
    return "unknown";
}

key_state state_of(const key& key, const key_ring& in, wall_time now) {
    if (key.retired) return key_state::retired;
    if (!key.used_at) return key_state::fresh;
    const auto* const current = in.current(now);
    return current != nullptr && current->number == key.number ? key_state::active : key_state::former;
}

key_book::key_book(options from)
    : file_{std::move(from.file)}, ring_{std::move(from.ring)}, clock_{from.node} {
    for (const auto& each : ring_->keys()) clock_.heed(moment_of(each.version));
}

void key_book::announce(wall_time now) {
    if (!fleet_.tell) return;
    told_ = held_by(fleet_.self, *ring_, now);
    fleet_.tell(fact_of(told_, clock_.next(now)));
}

std::vector<gossip::fact> key_book::facts() const {
    std::vector<gossip::fact> told;
    for (const auto& each : ring_->keys()) {
        // What the nodes never agreed on they have from their files.
        if (each.version != 0) told.push_back(fact_of(each));
    }
    return told;
}

std::vector<std::string> key_book::lacking(const key& key) const {
    return names_of_living([&key](const held_keys* held) { return held == nullptr || !held->has(key); });
}

key_number key_book::add(wall_time now) {
    const auto keys = ring_->keys();
    const auto newest = std::ranges::max_element(keys, {}, &key::number);
    const auto number = newest == keys.end() ? 1 : newest->number + 1;
    if (keys.size() >= key_ring::keys_max || !std::in_range<key_number>(number)) {
        throw key_refusal{"The ring is full; retire keys that are not needed any more."};
    }
    change(key_ring::make_key(static_cast<key_number>(number), now, validity), now);
    return static_cast<key_number>(number);
}

void key_book::use(key_number number, wall_time now, bool forced) {
    auto changed = find(number);
    if (changed.retired) throw key_refusal{fmt::format("Key {} is retired, and stays so.", number)};
    const auto* const current = ring_->current(now);
    if (current != nullptr && current->number == number) return;
    if (const auto missing = lacking(changed); !missing.empty() && !forced) {
        throw key_refusal{fmt::format("Key {} is not yet held by {}.", number, fmt::join(missing, ", "))};
    }
    auto from = std::chrono::floor<std::chrono::seconds>(now);
    if (const auto* const latest = ring_->newest_in_use(); latest != nullptr && latest->used_at) {
        from = std::max(from, *latest->used_at + std::chrono::seconds{1});
    }
    changed.used_at = from;
    change(std::move(changed), now);
}

void key_book::retire(key_number number, std::chrono::seconds lifetime, wall_time now, bool forced) {
    auto changed = find(number);
    if (changed.retired) return;
    if (state_of(changed, *ring_, now) == key_state::active) {
        throw key_refusal{fmt::format("Key {} is the active one; use another one first.", number)};
    }
    const auto sealing = names_of_living(
        [number](const held_keys* held) { return held == nullptr || held->sealing == number; });
    if (!sealing.empty() && !forced) {
        throw key_refusal{fmt::format("{} may still seal with key {}; wait, or use --force.",
                                      fmt::join(sealing, ", "), number)};
    }
    changed.retired = true;
    changed.not_after = std::min(changed.not_after, std::chrono::ceil<std::chrono::seconds>(now) + lifetime);
    // A key that was never used, and is not good yet, has sealed nothing.
    changed.not_before = std::min(changed.not_before, changed.not_after - std::chrono::seconds{1});
    change(std::move(changed), now, true);
}

void key_book::take(const gossip::fact& told, wall_time now) {
    if (auto key = key_of(told)) return take_key(*std::move(key), now);
    if (const auto held = held_keys_of(told)) take_held(*held, told.version, now);
}

void key_book::take_key(key told, wall_time now) {
    clock_.heed(moment_of(told.version));
    const auto* const known = ring_->find(told.number);
    if (known != nullptr && known->version >= told.version) return;
    if (known != nullptr && known->used_at && !has_same_secret(*known, told)) {
        refusals_.error(
            "another node has another key {} than this one; the rings of both must be made one by hand",
            told.number);
        return;
    }
    if (known == nullptr && ring_->keys().size() >= key_ring::keys_max) {
        refusals_.error("key {} of another node finds no room in the ring", told.number);
        return;
    }
    const auto number = told.number;
    put(ring_->with(std::move(told)), now);
    telemetry::logger(log_name).info("key {} is {} now", number,
                                     to_string(state_of(find(number), *ring_, now)));
}

void key_book::take_held(const held_keys& told, std::uint64_t version, wall_time now) {
    clock_.heed(version);
    if (told.node != fleet_.self) {
        held_[told.node] = told;
    } else if (told != told_) {
        announce(now);  // of an earlier start, when the clock was ahead
    }
}

void key_book::tick(wall_time now) {
    auto left = ring_->without_outlived(now);
    if (left.keys().size() != ring_->keys().size()) put(std::move(left), now);
    // Another key may have come of age by itself.
    if (fleet_.tell && held_by(fleet_.self, *ring_, now) != told_) announce(now);
}

const key& key_book::find(key_number number) const {
    const auto* const found = ring_->find(number);
    if (found == nullptr) throw key_refusal{fmt::format("There is no key {}.", number)};
    return *found;
}

void key_book::change(key changed, wall_time now, bool is_final) {
    changed.version = clock_.next(now) | (is_final ? model::shared_record::final_bit : 0);
    auto ring = ring_->with(changed);
    ring.save(file_);
    begin(std::move(ring), now);
    if (fleet_.tell) fleet_.tell(fact_of(changed));
}

void key_book::put(key_ring changed, wall_time now) {
    try {
        changed.save(file_);
    } catch (const std::exception& error) {
        unsaved_.warn("the key ring holds until a restart only: {}", error.what());
    }
    begin(std::move(changed), now);
}

void key_book::begin(key_ring changed, wall_time now) {
    ring_ = std::make_shared<const key_ring>(std::move(changed));
    use_(ring_);
    announce(now);
}

std::vector<std::string> key_book::names_of_living(const std::function<bool(const held_keys*)>& which) const {
    std::vector<std::string> names;
    if (!fleet_.living) return names;
    for (const auto& node : fleet_.living()) {
        const auto held = held_.find(node);
        if (which(held == held_.end() ? nullptr : &held->second)) names.push_back(fleet_.name_of(node));
    }
    return names;
}

}  // namespace turnix::fleet
