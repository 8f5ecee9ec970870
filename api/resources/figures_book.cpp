#include "api/resources/figures_book.hpp"

#include <algorithm>

namespace turnix::api {

namespace {

using contract::traffic_counters;

void add(traffic_counters& to, const traffic_counters& since, const traffic_counters& until) {
    const auto grown = [](std::uint64_t from, std::uint64_t now) { return now - std::min(from, now); };
    to.uplink_packets += grown(since.uplink_packets, until.uplink_packets);
    to.uplink_bytes += grown(since.uplink_bytes, until.uplink_bytes);
    to.downlink_packets += grown(since.downlink_packets, until.downlink_packets);
    to.downlink_bytes += grown(since.downlink_bytes, until.downlink_bytes);
}

}  // namespace

const interval_figures& moment::of(const project_id& project) const noexcept {
    static const interval_figures none{};
    const auto found = projects.find(project);
    return found == projects.end() ? none : found->second;
}

const moment& figures_book::close_interval(const relay_look& seen, instant now) {
    now_.at = now.wall;
    now_.length = closed_at_ == monotonic_time{} ? interval : now.monotonic - closed_at_;
    closed_at_ = now.monotonic;
    add_sessions(*seen.sessions);
    add_node(seen);
    if (moments_.size() == moments_max) moments_.pop_front();
    return moments_.emplace_back(std::exchange(now_, {}));
}

void figures_book::add_sessions(const std::vector<contract::live_session>& live) {
    traffic_by_session seen;
    seen.reserve(live.size());
    for (const auto& each : live) {
        auto& of = now_.projects[each.claims->project];
        ++of.sessions;
        const auto before = sessions_.find(each.id);
        add(of.relayed, before == sessions_.end() ? traffic_counters{} : before->second, each.traffic);
        seen.emplace(each.id, each.traffic);
    }
    sessions_ = std::move(seen);
}

void figures_book::add_node(const relay_look& seen) {
    auto& node = now_.node;
    now_.load = seen.load;
    node.sessions = seen.load.sessions;
    add(node.relayed, last_.relayed, seen.relayed);
    for (const auto& [project, figures] : now_.projects) {
        node.issued += figures.issued;
        for (const auto& [reason, count] : figures.refused) node.refused[reason] += count;
    }
    for (const auto& [reason, count] : seen.refused) {
        const auto before =
            std::ranges::find(last_.refused, reason, &std::pair<std::string_view, std::uint64_t>::first);
        const auto since = before == last_.refused.end() ? 0 : before->second;
        if (count > since) node.refused[reason] += count - since;
    }
    last_ = seen;
    last_.sessions = nullptr;
}

}  // namespace turnix::api
