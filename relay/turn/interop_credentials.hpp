// What the operator lets in beside sealed credentials, as it was read from its files.
#pragma once

#include "common/credential/identifiers.hpp"
#include "common/credential/static_users.hpp"

#include <string>
#include <vector>

namespace turnix::turn {

struct interop_credentials {
    std::vector<std::string> shared_secrets;  ///< at most credential::shared_secrets_max
    std::vector<credential::static_user> users;
    project_id project;  ///< what their sessions count for
};

}  // namespace turnix::turn
