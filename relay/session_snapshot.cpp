#include "relay/session_snapshot.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace turnix::relay {

namespace {

using contract::live_session;
using turn::worker_number;

/// Nobody moves so often while the workers look: a move takes its client a round trip.
constexpr int looks_max = 100;

void sort_once(std::vector<live_session>& sessions) {
    std::ranges::sort(sessions, {}, &live_session::id);
    const auto repeated = std::ranges::unique(sessions, {}, &live_session::id);
    sessions.erase(repeated.begin(), repeated.end());
}

/// Who has them; forgets those of `missed` that were seen, or have ended.
std::vector<worker_number> whereabouts(std::vector<session_id>& missed, const std::vector<live_session>& seen,
                                       const turn::node_mobility& mobility) {
    std::vector<worker_number> workers;
    std::erase_if(missed, [&](const session_id& each) {
        if (std::ranges::binary_search(seen, each, {}, &live_session::id)) return true;
        const auto at = mobility.worker_of(each);
        if (at) workers.push_back(*at);
        return !at;
    });
    std::ranges::sort(workers);
    const auto repeated = std::ranges::unique(workers);
    workers.erase(repeated.begin(), repeated.end());
    return workers;
}

}  // namespace

std::vector<live_session> all_sessions(std::size_t workers, const turn::node_mobility& mobility,
                                       const session_look& look) {
    auto missed = mobility.sessions();
    std::vector<worker_number> asked(workers);
    std::iota(asked.begin(), asked.end(), worker_number{0});
    std::vector<live_session> seen;
    for (int looks = 0; !asked.empty() && looks < looks_max; ++looks) {
        std::ranges::move(look(asked), std::back_inserter(seen));
        if (missed.empty() && mobility.sessions().empty()) break;  // and none was seen twice
        sort_once(seen);
        asked = whereabouts(missed, seen, mobility);
    }
    return seen;
}

}  // namespace turnix::relay
