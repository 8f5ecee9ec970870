#include "relay/turn/request.hpp"

namespace turnix::turn {

namespace {

// Those that a request never carries are known all the same, and ignored (RFC 8489 §6.3).
bool is_served(stun::attribute_type type) noexcept {
    using enum stun::attribute_type;
    switch (type) {
        case mapped_address:
        case username:
        case message_integrity:
        case message_integrity_sha256:
        case error_code:
        case unknown_attributes:
        case realm:
        case nonce:
        case password_algorithm:
        case userhash:
        case xor_mapped_address:
        case channel_number:
        case lifetime:
        case xor_peer_address:
        case data:
        case xor_relayed_address:
        case requested_address_family:
        case even_port:
        case requested_transport:
        case dont_fragment:
        case reservation_token:
        case connection_id:
            return true;
        default:
            return false;
    }
}

}  // namespace

std::optional<stun::error_code> ownership_error(const request& asked) noexcept {
    if (asked.session == nullptr) return stun::error_code::allocation_mismatch;
    const bool same_user = asked.session->credential->username == asked.credential->username;
    return same_user ? std::nullopt : std::optional{stun::error_code::wrong_credentials};
}

stun::unknown_attributes unserved_attributes(const stun::message_view& message) noexcept {
    return stun::unknown_comprehension_required(message, is_served);
}

}  // namespace turnix::turn
