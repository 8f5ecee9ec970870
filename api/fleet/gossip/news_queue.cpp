#include "api/fleet/gossip/news_queue.hpp"

#include <algorithm>
#include <utility>

namespace turnix::gossip {

namespace {

bool outdates(const signed_record& newer, const news& older) noexcept {
    if (const auto* const record = std::get_if<signed_record>(&older)) {
        return record->values.node == newer.values.node;
    }
    const auto* const judged = std::get_if<verdict>(&older);
    return judged != nullptr && judged->about == newer.values.node &&
           judged->incarnation < newer.values.version.incarnation;
}

bool outdates(const verdict& newer, const news& older) noexcept {
    const auto* const judged = std::get_if<verdict>(&older);
    return judged != nullptr && judged->about == newer.about &&
           (newer.kind == verdict_kind::dead || judged->accuser == newer.accuser);
}

bool outdates(const signed_fact& newer, const news& older) noexcept {
    const auto* const told = std::get_if<signed_fact>(&older);
    return told != nullptr && told->values.kind == newer.values.kind && told->values.key == newer.values.key;
}

bool is_fact(const news& told) noexcept { return std::holds_alternative<signed_fact>(told); }

}  // namespace

void news_queue::add(news told) {
    if (is_fact(told) && facts_ == facts_told_max) return;
    std::erase_if(waiting_, [&](const entry& waits) {
        return std::visit([&](const auto& newer) { return outdates(newer, waits.told); }, told);
    });
    waiting_.push_back({.told = std::move(told)});
    count_facts();
}

void news_queue::forget_deaths() noexcept {
    std::erase_if(waiting_, [](const entry& each) {
        const auto* const judged = std::get_if<verdict>(&each.told);
        return judged != nullptr && judged->kind == verdict_kind::dead;
    });
}

void news_queue::count_facts() noexcept {
    facts_ = static_cast<std::size_t>(
        std::ranges::count_if(waiting_, [](const entry& each) { return is_fact(each.told); }));
}

std::vector<news> news_queue::take(std::size_t bytes, std::size_t times_max) {
    std::vector<entry*> least_told_first;
    least_told_first.reserve(waiting_.size());
    for (auto& each : waiting_) least_told_first.push_back(&each);
    std::ranges::stable_sort(least_told_first, {}, [](const entry* each) { return each->times; });
    std::vector<news> taken;
    for (auto* const each : least_told_first) {
        const auto size = size_of(each->told);
        if (size > bytes) continue;
        bytes -= size;
        taken.push_back(each->told);
        ++each->times;
    }
    std::erase_if(waiting_, [&](const entry& each) { return each.times >= times_max; });
    count_facts();
    return taken;
}

}  // namespace turnix::gossip
