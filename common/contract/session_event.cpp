#include "common/contract/session_event.hpp"

namespace turnix::contract {

std::string_view to_string(end_reason value) noexcept {
    switch (value) {
        case end_reason::client_released:
            return "client_released";
        case end_reason::lifetime_expired:
            return "lifetime_expired";
        case end_reason::connection_closed:
            return "connection_closed";
        case end_reason::credential_ended:
            return "credential_ended";
        case end_reason::revoked:
            return "revoked";
        case end_reason::terminated:
            return "terminated";
        case end_reason::shutdown:
            return "shutdown";
        case end_reason::relay_failed:
            return "relay_failed";
    }
    return "unknown";
}

}  // namespace turnix::contract
