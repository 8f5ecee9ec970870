#include "api/fleet/gossip/probe_book.hpp"

#include <algorithm>

namespace turnix::gossip {

namespace {

template <class Entry>
std::optional<Entry> take(std::vector<Entry>& from, probe_number number) {
    const auto found = std::ranges::find(from, number, &Entry::number);
    if (found == from.end()) return std::nullopt;
    const auto taken = *found;
    from.erase(found);
    return taken;
}

}  // namespace

probe_number probe_book::begin(const node_id& target, monotonic_time now) {
    probes_.push_back({.number = ++last_, .target = target, .sent = now, .started = now});
    return last_;
}

probe_number probe_book::begin_favour(const node_id& asker, probe_number asked_as, monotonic_time now) {
    favours_.push_back({.number = ++last_, .asker = asker, .asked_as = asked_as, .started = now});
    return last_;
}

std::optional<probe> probe_book::end(probe_number number) { return take(probes_, number); }
std::optional<favour> probe_book::end_favour(probe_number number) { return take(favours_, number); }

void probe_book::count_nack(probe_number number) noexcept {
    const auto found = std::ranges::find(probes_, number, &probe::number);
    if (found != probes_.end()) ++found->nacks;
}

void probe_book::postpone(monotonic_time::duration by) noexcept {
    for (auto& each : probes_) each.started += by;
    for (auto& each : favours_) each.started += by;
}

}  // namespace turnix::gossip
