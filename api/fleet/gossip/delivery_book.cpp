#include "api/fleet/gossip/delivery_book.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace turnix::gossip {

delivery_number delivery_book::begin(signed_fact told, std::vector<node_id> to, monotonic_time now) {
    std::size_t awaited = to.size();
    for (const auto& each : under_way_) awaited += each.waiting.size();
    if (awaited > awaited_max) to.clear();
    under_way_.push_back({.number = ++last_,
                          .told = std::move(told),
                          .waiting = std::move(to),
                          .confirmed = {},
                          .started = now,
                          .due = now});
    return last_;
}

void delivery_book::confirm(delivery_number number, const node_id& by) {
    const auto found = std::ranges::find(under_way_, number, &delivery::number);
    if (found == under_way_.end() || std::erase(found->waiting, by) == 0) return;
    found->confirmed.push_back(by);
}

std::vector<delivery*> delivery_book::due(monotonic_time now) {
    std::vector<delivery*> found;
    for (auto& each : under_way_) {
        if (now < each.due) continue;
        each.due = now + delivery_interval;
        found.push_back(&each);
    }
    return found;
}

std::vector<delivery> delivery_book::take_ended(monotonic_time now) {
    const auto is_under_way = [now](const delivery& each) {
        return !each.waiting.empty() && now - each.started < delivery_time;
    };
    const auto ended = std::ranges::stable_partition(under_way_, is_under_way);
    std::vector<delivery> taken{std::make_move_iterator(ended.begin()), std::make_move_iterator(ended.end())};
    under_way_.erase(ended.begin(), ended.end());
    return taken;
}

}  // namespace turnix::gossip
