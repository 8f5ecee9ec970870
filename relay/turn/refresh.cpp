#include "relay/stun/attributes.hpp"
#include "relay/turn/answer.hpp"
#include "relay/turn/handlers.hpp"

namespace turnix::turn {

namespace {

using stun::attribute_type;
using stun::error_code;

client_effect refreshed(server_state& server, const request& asked, std::chrono::seconds lifetime) noexcept {
    auto success = answer::success(server, asked);
    stun::add_lifetime(success.message(), lifetime);
    return success.send();
}

}  // namespace

client_effect handle_refresh(server_state& server, request& asked) {
    if (const auto error = ownership_error(asked)) return refuse(server, asked, *error);  // 437, 441
    auto& session = *asked.session;

    const auto family = asked.read(attribute_type::requested_address_family, stun::decode_address_family);
    const auto lifetime = asked.read(attribute_type::lifetime, stun::decode_lifetime);
    if (family.malformed || lifetime.malformed) return refuse(server, asked, error_code::bad_request);  // 400
    if (family.value && stun::from_wire(*family.value) != session.port.advertised.address.family()) {
        return refuse(server, asked, error_code::peer_address_family_mismatch);  // 443
    }

    if (lifetime.value == std::chrono::seconds{0}) {
        server.sessions.end(session, contract::end_reason::client_released, asked.now);
        asked.session = nullptr;
        return refreshed(server, asked, std::chrono::seconds{0});
    }
    const auto desired = desired_lifetime(server.environment.settings, lifetime.value);
    return refreshed(server, asked, server.sessions.extend(session, desired, asked.now));
}

}  // namespace turnix::turn
