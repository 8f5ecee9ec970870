#include "relay/stun/address_attribute.hpp"
#include "relay/turn/answer.hpp"
#include "relay/turn/handlers.hpp"
#include "relay/turn/peer_scope.hpp"

#include <boost/container/static_vector.hpp>

#include <algorithm>

namespace turnix::turn {

using stun::attribute_type;
using stun::error_code;

client_effect handle_create_permission(server_state& server, request& asked) {
    if (const auto error = ownership_error(asked)) return refuse(server, asked, *error);  // 437, 441
    auto& session = *asked.session;

    // All or nothing: every peer is checked before any is installed.
    boost::container::static_vector<net::address, stun::attributes_max> wanted;
    for (const auto& attribute : asked.message.attributes()) {
        if (attribute.type != attribute_type::xor_peer_address) continue;
        const auto peer = stun::decode_xor_address(attribute.value, asked.message.header().transaction_id);
        if (!peer) return refuse(server, asked, error_code::bad_request);  // 400
        if (session.port_of(peer->address.family()) == nullptr) {
            return refuse(server, asked, error_code::peer_address_family_mismatch);  // 443
        }
        if (!is_allowed(server.policy.permission(peer->address)) ||
            !is_in_scope(server, session, peer->address)) {
            return refuse(server, asked, error_code::forbidden);  // 403
        }
        if (std::ranges::find(wanted, peer->address) == wanted.end()) wanted.push_back(peer->address);
    }
    if (wanted.empty()) return refuse(server, asked, error_code::bad_request);  // 400

    session.peers.sweep(asked.now.monotonic);
    const auto added = static_cast<std::size_t>(std::ranges::count_if(
        wanted, [&](const net::address& peer) { return !session.peers.holds_permission(peer); }));
    session.peers.reserve(added, 0);
    if (!take_new_peers(server, session, added, asked.now)) {
        return refuse(server, asked, error_code::insufficient_capacity);  // 508
    }

    for (const auto& peer : wanted) session.peers.permit(peer, asked.now.monotonic);
    return confirm(server, asked);
}

bool take_new_peers(const server_state& server, allocation& session, std::size_t count,
                    const instant& now) noexcept {
    const auto& limits = server.environment.settings.limits;
    const auto held = session.peers.permissions();
    if (held + count > limits.permissions_per_allocation_max) return false;

    const auto rate = token_rate::per_minute(limits.new_peers_per_minute_max);
    auto left = session.new_peers;
    for (std::size_t taken = 0; taken < count; ++taken) {
        if (!left.take(rate, now.monotonic)) return false;
    }
    session.new_peers = left;
    return true;
}

}  // namespace turnix::turn
