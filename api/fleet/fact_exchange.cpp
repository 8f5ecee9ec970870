#include "api/fleet/fact_exchange.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace turnix::fleet {

void fact_exchange::tell(std::vector<gossip::fact> made,
                         const std::function<void(const reached_regions&)>& then) const {
    struct round {
        std::size_t left;
        std::vector<gossip::node_id> missing;
    };
    if (!publish_ || made.empty()) return then(reached({}));
    const auto shared = std::make_shared<round>(round{made.size(), {}});
    for (auto& each : made) {
        publish_(std::move(each), [this, shared, then](const std::vector<gossip::node_id>& missing) {
            shared->missing.insert(shared->missing.end(), missing.begin(), missing.end());
            if (--shared->left == 0) then(reached(shared->missing));
        });
    }
}

reached_regions fact_exchange::reached(const std::vector<gossip::node_id>& missing) const {
    const auto has_it = [&](const node_entry& node) {
        return publish_ && node.gossiper && std::ranges::count(missing, node.gossiper->id) == 0;
    };
    reached_regions made;
    for (const auto& region : regions_.regions()) {
        // A region's only node is this one, where there is no gossip to say so.
        const bool is_own_node = !publish_ && &region == &regions_.own() && region.nodes.size() == 1;
        const bool is_confirmed = is_own_node || std::ranges::all_of(region.nodes, has_it);
        (is_confirmed ? made.confirmed : made.pending).push_back(region.slug);
    }
    return made;
}

}  // namespace turnix::fleet
