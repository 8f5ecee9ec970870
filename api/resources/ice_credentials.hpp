// POST /api/v1/credentials/ice: one credential and the servers to use it with.
//
// Needs no disk: the token is in memory, the credential is sealed, the record of its issue is queued. Thread
// of the server's io_context.
#pragma once

#include "api/fleet/region_directory.hpp"
#include "api/fleet/region_selector.hpp"
#include "api/resources/endpoint.hpp"
#include "api/resources/ice_request.hpp"
#include "api/store/store.hpp"
#include "common/credential/sealed_credential.hpp"

#include <chrono>
#include <vector>

namespace turnix::api {

/// What holds for projects that set nothing else.
struct credential_rules {
    std::chrono::seconds ttl_default{30};
    std::chrono::seconds ttl_max{172'800};
    /// A session may go on for this long after its credential has expired.
    std::chrono::seconds session_max{86'400};
};

class ice_credentials {
  public:
    struct parts {
        store::store& records;
        const fleet::region_directory& regions;
        const fleet::region_selector& selector;
    };

    ice_credentials(const parts& from, credential::credential_sealer sealer, fleet::node_entry own_node,
                    const credential_rules& rules);

    /// The object outlives them.
    [[nodiscard]] std::vector<endpoint> endpoints();

  private:
    [[nodiscard]] outcome issue(const call& asked);
    [[nodiscard]] result<const fleet::region_entry*, http::error> choose_region(
        const ice_request& wish, const http::request& asked) const;
    [[nodiscard]] const fleet::node_entry& node_of(const fleet::region_entry& region);

    parts parts_;
    credential::credential_sealer sealer_;
    fleet::node_entry own_node_;
    credential_rules rules_;
    std::size_t next_node_{0};  ///< of a region with several nodes
};

}  // namespace turnix::api
