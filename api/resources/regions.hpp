// /api/v1/regions: the fleet's regions and what works, as this node sees it; this node's own can be drained.
#pragma once

#include "api/fleet/region_directory.hpp"
#include "api/resources/endpoint.hpp"
#include "common/contract/session_control.hpp"

#include <boost/json/object.hpp>

#include <vector>

namespace turnix::api {

/// Any valid token may ask; to drain is for the organisation that operates the node.
class regions {
  public:
    /// Both outlive the object.
    regions(const fleet::region_directory& directory, contract::session_control& relay,
            organisation_id operated)
        : directory_{directory}, relay_{relay}, operated_{operated} {}

    /// The object outlives them.
    [[nodiscard]] std::vector<endpoint> endpoints();

  private:
    [[nodiscard]] outcome list(const call& asked) const;
    [[nodiscard]] outcome change(const call& asked);
    [[nodiscard]] boost::json::object to_json(const fleet::region_entry& region) const;

    const fleet::region_directory& directory_;
    contract::session_control& relay_;
    organisation_id operated_;
};

}  // namespace turnix::api
