#include "relay/stun/attributes.hpp"
#include "relay/turn/answer.hpp"
#include "relay/turn/handlers.hpp"
#include "relay/turn/peer_scope.hpp"

namespace turnix::turn {

using stun::attribute_type;
using stun::error_code;

client_effect handle_channel_bind(server_state& server, request& asked) {
    if (const auto error = ownership_error(asked)) return refuse(server, asked, *error);  // 437, 441
    auto& session = *asked.session;
    // RFC 6062 has no channels: connections carry data as it is.
    if (session.connections) return refuse(server, asked, error_code::forbidden);  // 403
    const auto& id = asked.message.header().transaction_id;

    const auto number = asked.read(attribute_type::channel_number, stun::decode_channel_number).value;
    const auto peer =
        asked
            .read(attribute_type::xor_peer_address,
                  [&](std::span<const std::byte> value) { return stun::decode_xor_address(value, id); })
            .value;
    if (!number || !peer) return refuse(server, asked, error_code::bad_request);                        // 400
    if (!number->is_valid() || peer->port == 0) return refuse(server, asked, error_code::bad_request);  // 400

    session.peers.sweep(asked.now.monotonic);
    const auto state = session.peers.state_of(*number, *peer);
    if (state == binding_state::taken) return refuse(server, asked, error_code::bad_request);  // 400
    if (session.port_of(peer->address.family()) == nullptr) {
        return refuse(server, asked, error_code::peer_address_family_mismatch);  // 443
    }
    if (!is_allowed(server.policy.endpoint(*peer)) || !is_in_scope(server, session, *peer)) {
        return refuse(server, asked, error_code::forbidden);  // 403
    }

    const auto channels_max = server.environment.settings.limits.channels_per_allocation_max;
    if (state == binding_state::free && session.peers.channels() >= channels_max) {
        return refuse(server, asked, error_code::insufficient_capacity);  // 508
    }
    const std::size_t added = session.peers.holds_permission(peer->address) ? 0 : 1;
    session.peers.reserve(added, state == binding_state::free ? 1 : 0);
    if (!take_new_peers(server, session, added, asked.now)) {
        return refuse(server, asked, error_code::insufficient_capacity);  // 508
    }

    session.peers.bind(*number, *peer, asked.now.monotonic);
    session.peers.permit(peer->address, asked.now.monotonic);
    return confirm(server, asked);
}

}  // namespace turnix::turn
