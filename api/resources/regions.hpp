// /api/v1/regions: the fleet's regions and what works, as this node sees it, how far apart they are, and
// which one a caller gets; this node's own can be drained.
#pragma once

#include "api/auth/tenant_directory.hpp"
#include "api/fleet/region_directory.hpp"
#include "api/fleet/region_selector.hpp"
#include "api/resources/endpoint.hpp"
#include "common/contract/session_control.hpp"

#include <boost/json/object.hpp>

#include <vector>

namespace turnix::api {

/// Any valid token may ask; to drain is for the organisation that operates the node.
class regions {
  public:
    struct parts {
        const fleet::region_directory& directory;
        const fleet::region_selector& selector;
        contract::session_control& relay;
        const auth::tenant_directory& tenants;
    };
    /// What the parts refer to outlives the object.
    explicit regions(const parts& from) : parts_{from} {}

    /// The object outlives them.
    [[nodiscard]] std::vector<endpoint> endpoints();

  private:
    [[nodiscard]] outcome list(const call& asked) const;
    [[nodiscard]] outcome explain(const call& asked) const;
    [[nodiscard]] outcome links(const call& asked) const;
    [[nodiscard]] outcome change(const call& asked);
    [[nodiscard]] boost::json::object to_json(const fleet::region_entry& region) const;

    parts parts_;
};

}  // namespace turnix::api
