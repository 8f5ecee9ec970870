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

std::string_view to_string(quota value) noexcept {
    switch (value) {
        case quota::credential_allocations:
            return "credential_allocations";
        case quota::credential_bytes:
            return "credential_bytes";
        case quota::credential_bitrate:
            return "credential_bitrate";
        case quota::credential_packet_rate:
            return "credential_packet_rate";
        case quota::project_allocations:
            return "project_allocations";
        case quota::project_session_rate:
            return "project_session_rate";
        case quota::project_bytes:
            return "project_bytes";
        case quota::project_bitrate:
            return "project_bitrate";
        case quota::project_packet_rate:
            return "project_packet_rate";
    }
    return "unknown";
}

}  // namespace turnix::contract
