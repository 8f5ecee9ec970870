#include "relay/turn/peer_scope.hpp"

#include "common/crypto/digest.hpp"

#include <cstring>

namespace turnix::turn {

using credential::peer_scope;

std::uint64_t room_tag(const credential::claims& of) noexcept {
    if (of.room.empty()) return 0;
    const auto digest =
        crypto::sha256({std::as_bytes(std::span{of.project.bytes}), std::as_bytes(std::span{of.room})});
    std::uint64_t tag{0};
    std::memcpy(&tag, digest.data(), sizeof tag);
    return tag;
}

bool is_in_scope(const server_state& server, const allocation& session, const net::address& peer) noexcept {
    return session.scope == peer_scope::any || server.environment.own_ports.is_relay(peer);
}

bool is_in_scope(const server_state& server, const allocation& session, const net::endpoint& peer) noexcept {
    if (session.scope == peer_scope::any) return true;
    const auto& own = server.environment.own_ports;
    const auto local = own.local_of(peer);
    if (!local) return false;
    return session.scope == peer_scope::relays || (session.room != 0 && own.room_of(*local) == session.room);
}

}  // namespace turnix::turn
