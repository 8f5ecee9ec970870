// One credential of which the log is to tell, and until when: see credential_debug.
#pragma once

#include "common/clock/instant.hpp"
#include "common/credential/identifiers.hpp"

#include <string>

namespace turnix::relay {

struct debug_wish {
    credential_id credential;
    std::string name;  ///< of the credential, as it is to stand in the log
    monotonic_time until{};
};

}  // namespace turnix::relay
