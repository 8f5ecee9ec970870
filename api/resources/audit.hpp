// GET /api/v1/audit: who changed what, on all nodes, newest first. Lines are written by the front desk of the
// node that was asked.
#pragma once

#include "api/auth/tenant_directory.hpp"
#include "api/resources/endpoint.hpp"
#include "api/store/store.hpp"

#include <vector>

namespace turnix::api {

class audit {
  public:
    /// Both outlive the object.
    audit(store::store& records, const auth::tenant_directory& tenants)
        : records_{records}, tenants_{tenants} {}

    /// The object outlives them.
    [[nodiscard]] std::vector<endpoint> endpoints();

  private:
    /// A project's token sees what is about its project, one of the organisation everything.
    [[nodiscard]] outcome list(const call& asked);

    store::store& records_;
    const auth::tenant_directory& tenants_;
};

}  // namespace turnix::api
