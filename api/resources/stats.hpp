// GET /api/v1/stats: the figures of the last ten minutes, of all nodes, and how one interval of them is
// written.
#pragma once

#include "api/auth/tenant_directory.hpp"
#include "api/resources/endpoint.hpp"
#include "api/resources/figures_book.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <utility>
#include <vector>

namespace turnix::api {

/// Those of the whole node are for a token of the whole organisation that operates it.
[[nodiscard]] bool sees_node(const model::principal& caller, const auth::tenant_directory& tenants);

/// {"at":…,"interval_s":…,"live_sessions":…,…,"node":{…}}
[[nodiscard]] boost::json::object sample_json(const moment& of, const project_id& project, bool with_node);

class stats {
  public:
    /// Both outlive the object. `region` is this node's, by its slug.
    stats(const figures_book& figures, const auth::tenant_directory& tenants, std::string region)
        : figures_{figures}, tenants_{tenants}, region_{std::move(region)} {}

    /// The object outlives them.
    [[nodiscard]] std::vector<endpoint> endpoints();

  private:
    [[nodiscard]] outcome read(const call& asked);

    const figures_book& figures_;
    const auth::tenant_directory& tenants_;
    std::string region_;
};

}  // namespace turnix::api
