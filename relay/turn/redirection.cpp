#include "relay/turn/redirection.hpp"

#include "relay/stun/address_attribute.hpp"
#include "relay/turn/alternate_servers.hpp"
#include "relay/turn/answer.hpp"

#include <algorithm>
#include <optional>

namespace turnix::turn {

namespace {

using stun::attribute_type;

bool is_encrypted(net::transport transport) noexcept {
    return transport == net::transport::tls || transport == net::transport::dtls;
}

// Nothing when the client could not go there.
std::optional<alternate_server> alternate_for(const server_state& server, const request& asked) {
    const auto* const alternates = server.environment.alternates;
    if (alternates == nullptr) return std::nullopt;
    auto found = alternates->find(asked.path, asked.credential->claims);
    if (!found) return std::nullopt;

    if (!is_encrypted(asked.path.transport)) found->domain.clear();
    // RFC 8489 §10: ALTERNATE-DOMAIN is for who signs with SHA-256. Another client would look for this node's
    // name in the other's certificate.
    if (!found->domain.empty() && !asked.algorithm) return std::nullopt;

    // The mandatory address is of the family that the request came from, the other one stands behind it.
    const auto own = asked.path.client.address.family();
    std::ranges::partition(found->addresses,
                           [own](const net::endpoint& each) { return each.address.family() == own; });
    const bool is_reached = !found->addresses.empty() && found->addresses.front().address.family() == own;
    return is_reached ? found : std::nullopt;
}

}  // namespace

client_effect redirect(server_state& server, const request& asked) {
    const auto to = alternate_for(server, asked);
    if (!to) return refuse(server, asked, stun::error_code::insufficient_capacity);  // 508

    auto answer = answer::error(server, asked, stun::error_code::try_alternate);
    for (const auto& each : to->addresses) {
        stun::add_address(answer.message(), attribute_type::alternate_server, each);
    }
    if (!to->domain.empty()) answer.message().add(attribute_type::alternate_domain, to->domain);
    return answer.send();
}

}  // namespace turnix::turn
