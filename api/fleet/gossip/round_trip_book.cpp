#include "api/fleet/gossip/round_trip_book.hpp"

namespace turnix::gossip {

void round_trip_book::measure(const node_id& to, monotonic_time::duration took, monotonic_time now) {
    // RFC 6298 §2.3: alpha
    constexpr int smoothing = 8;
    if (took >= direct_timeout) return;
    const auto time = std::chrono::duration_cast<round_trip_time>(took);
    const auto [known, is_first] = known_.try_emplace({self_, to}, entry{.time = time, .at = now});
    if (is_first) return;
    known->second.time += (time - known->second.time) / smoothing;
    known->second.at = now;
}

void round_trip_book::hear(const node_id& from, std::span<const round_trip> told, monotonic_time now) {
    for (const auto& each : told) {
        if (each.to == from || each.time >= direct_timeout) continue;
        known_.insert_or_assign({from, each.to}, entry{.time = each.time, .at = now});
    }
}

void round_trip_book::forget_old(monotonic_time now) {
    std::erase_if(known_, [now](const auto& each) { return now - each.second.at > round_trip_age_max; });
}

std::vector<std::vector<round_trip>> round_trip_book::own() const {
    std::vector<std::vector<round_trip>> parts;
    const auto first = known_.lower_bound({self_, node_id{}});
    for (auto each = first; each != known_.end() && each->first.first == self_; ++each) {
        if (parts.empty() || parts.back().size() == round_trips_told_max) parts.emplace_back();
        parts.back().push_back({.to = each->first.second, .time = each->second.time});
    }
    return parts;
}

std::vector<measured_path> round_trip_book::all() const {
    std::vector<measured_path> found;
    found.reserve(known_.size());
    for (const auto& [path, known] : known_) {
        found.push_back({.from = path.first, .to = path.second, .time = known.time});
    }
    return found;
}

}  // namespace turnix::gossip
