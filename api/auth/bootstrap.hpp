// The first organisation, project and token of a new node, for `turnixd init`.
#pragma once

#include "api/store/store.hpp"

#include <string>

namespace turnix::auth {

struct first_tenant {
    std::string organisation_name;
    std::string project_slug;
};

struct bootstrapped {
    organisation_id organisation;
    project_id project;
    token_id token;
    std::string token_text;  ///< organisation-wide, with every scope; shown once
};

/// Throws std::invalid_argument when a name is out of its bounds, store_error when it cannot write.
bootstrapped bootstrap(store::store& store, const first_tenant& tenant, wall_time now);

}  // namespace turnix::auth
