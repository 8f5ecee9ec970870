// Tells the other nodes what this one has decided, and says which regions know.
//
// Without gossip nobody else is told. Control thread.
#pragma once

#include "api/fleet/gossip/fact.hpp"
#include "api/fleet/region_directory.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace turnix::fleet {

/// Regions by their slugs, in the order of the regions file.
struct reached_regions {
    std::vector<std::string> confirmed;  ///< each of their nodes holds it, or has left
    std::vector<std::string> pending;
};

class fact_exchange {
  public:
    /// Tells one fact, and then, once, which nodes have not confirmed it.
    using publisher =
        std::function<void(gossip::fact made, std::function<void(std::vector<gossip::node_id> missing)>)>;

    /// `regions` outlives the exchange.
    explicit fact_exchange(const region_directory& regions) : regions_{regions} {}
    fact_exchange(const fact_exchange&) = delete;
    fact_exchange& operator=(const fact_exchange&) = delete;

    /// From here on there is gossip.
    void join(publisher publish) { publish_ = std::move(publish); }

    /// Calls `then` when every node that lives has all of them, or after two seconds.
    void tell(std::vector<gossip::fact> made, const std::function<void(const reached_regions&)>& then) const;

  private:
    [[nodiscard]] reached_regions reached(const std::vector<gossip::node_id>& missing) const;

    const region_directory& regions_;
    publisher publish_;
};

}  // namespace turnix::fleet
