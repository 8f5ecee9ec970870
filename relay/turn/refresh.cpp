#include "relay/stun/attributes.hpp"
#include "relay/turn/answer.hpp"
#include "relay/turn/handlers.hpp"
#include "relay/turn/mobility.hpp"

#include <optional>

namespace turnix::turn {

namespace {

using stun::attribute_type;
using stun::error_code;

client_effect refreshed(server_state& server, const request& asked, std::chrono::seconds lifetime) noexcept {
    auto success = answer::success(server, asked);
    stun::add_lifetime(success.message(), lifetime);
    if (asked.session != nullptr && asked.session->mobile) {
        add_ticket(server, success.message(), *asked.session, asked.session->mobile->tickets_issued);
    }
    return success.send();
}

}  // namespace

client_effect handle_refresh(server_state& server, request& asked) {
    if (const auto ticket = asked.message.find(attribute_type::mobility_ticket)) {
        const auto found = find_by_ticket(server, asked, *ticket);
        if (!found) return refuse(server, asked, found.error());  // 400, 403, 405, 437, 441
        if (*found == nullptr) return silence{};
        asked.session = *found;
    }
    if (const auto error = ownership_error(asked)) return refuse(server, asked, *error);  // 437, 441
    auto& session = *asked.session;

    const auto requested = asked.read(attribute_type::requested_address_family, stun::decode_address_family);
    const auto lifetime = asked.read(attribute_type::lifetime, stun::decode_lifetime);
    if (requested.malformed || lifetime.malformed) {
        return refuse(server, asked, error_code::bad_request);  // 400
    }
    // RFC 8656 §8.1: without one, all that the allocation has.
    std::optional<net::family> only;
    if (requested.value) {
        only = stun::from_wire(*requested.value);
        if (!only || session.port_of(*only) == nullptr) {
            return refuse(server, asked, error_code::peer_address_family_mismatch);  // 443
        }
    }

    if (lifetime.value == std::chrono::seconds{0}) {
        if (only && session.relays.size() > 1) {
            server.sessions.release(session, *only);
        } else {
            server.sessions.end(session, contract::end_reason::client_released, asked.now);
            asked.session = nullptr;
        }
        return refreshed(server, asked, std::chrono::seconds{0});
    }
    if (session.mobile) renew_mobility(server, asked);
    const auto desired = desired_lifetime(server.environment.settings, lifetime.value);
    return refreshed(server, asked, server.sessions.extend(session, only, desired, asked.now));
}

}  // namespace turnix::turn
