#include "daemon/alternates.hpp"

#include <cstdint>
#include <utility>

namespace turnix::daemon {

namespace {

/// Spreads clients over nodes; the same one for all allocations of a credential.
std::uint64_t number_of(const credential_id& credential) noexcept {
    std::uint64_t number = 0;
    for (const auto byte : credential.bytes) number = number * 31 + byte;
    return number;
}

}  // namespace

void alternates::use(std::shared_ptr<const fleet::standby_nodes> nodes) {
    const std::lock_guard lock{guard_};
    nodes_ = std::move(nodes);
}

std::optional<turn::alternate_server> alternates::find(const turn::client_path& client,
                                                       const credential::claims& claims) const {
    // Its peers are the relay addresses of one room on one node: elsewhere it would reach nobody.
    if (claims.scope == credential::peer_scope::room) return std::nullopt;
    const auto nodes = [this] {
        const std::lock_guard lock{guard_};
        return nodes_;
    }();
    if (!nodes) return std::nullopt;
    const auto* const found =
        nodes->find(client.transport, client.client.address.family(), number_of(claims.id));
    if (found == nullptr) return std::nullopt;
    turn::alternate_server server{.addresses = {}, .domain = found->name};
    for (const auto& address : found->addresses) {
        if (server.addresses.size() == server.addresses.capacity()) break;
        server.addresses.push_back({address, found->port_of(client.transport)});
    }
    return server;
}

}  // namespace turnix::daemon
