#include "relay/stun/attributes.hpp"
#include "relay/turn/answer.hpp"
#include "relay/turn/handlers.hpp"

#include <algorithm>
#include <utility>

namespace turnix::turn {

namespace {

using stun::attribute_type;
using stun::error_code;

client_effect allocated(server_state& server, const request& asked, const allocation& session) noexcept {
    auto success = answer::success(server, asked);
    stun::add_xor_address(success.message(), attribute_type::xor_relayed_address, session.port.advertised);
    stun::add_lifetime(success.message(), session.allocate_lifetime);
    stun::add_xor_address(success.message(), attribute_type::xor_mapped_address, asked.path.client);
    return success.send();
}

bool is_retransmission(const request& asked) noexcept {
    return asked.session->allocate_transaction == asked.message.header().transaction_id &&
           !ownership_error(asked);
}

bool is_permitted(const credential::claims& claims, const client_path& path) noexcept {
    return claims.transports.contains(path.transport) &&
           (!claims.allowed_client || *claims.allowed_client == path.client.address);
}

// Nothing for a family that does not exist.
std::optional<net::family> family_of(const server_state& server, const client_path& path,
                                     std::optional<stun::address_family> requested) noexcept {
    if (requested) return stun::from_wire(*requested);
    const bool follows = server.environment.settings.follow_listener_family;
    return follows ? path.server.address.family() : net::family::ipv4;
}

error_code code_of(admission_error error) noexcept {
    return error == admission_error::quota_reached ? error_code::allocation_quota_reached
                                                   : error_code::insufficient_capacity;
}

error_code code_of(port_error error) noexcept {
    return error == port_error::family_not_served ? error_code::address_family_not_supported
                                                  : error_code::insufficient_capacity;
}

client_effect create(server_state& server, const request& asked, net::family family,
                     std::chrono::seconds lifetime) {
    // RFC 8656 §7.2 step 10: 486, or 508 when the node is full.
    auto lease = server.environment.admission.admit(asked.credential->claims);
    if (!lease) return refuse(server, asked, code_of(lease.error()));

    // RFC 8656 §7.2 steps 7 and 8: 440, or 508 when no port is left.
    auto port = server.environment.ports.open({.family = family, .server = asked.path.server.address});
    if (!port) return refuse(server, asked, code_of(port.error()));

    const auto& session = server.sessions.begin({.path = asked.path,
                                                 .port = *port,
                                                 .credential = asked.credential,
                                                 .lease = std::move(*lease),
                                                 .transaction = asked.message.header().transaction_id,
                                                 .lifetime = lifetime},
                                                asked.now);
    return allocated(server, asked, session);
}

}  // namespace

client_effect handle_allocate(server_state& server, request& asked) {
    // RFC 8656 §7.2 step 2
    if (asked.session != nullptr) {
        if (is_retransmission(asked)) return allocated(server, asked, *asked.session);
        return refuse(server, asked, error_code::allocation_mismatch);  // 437
    }

    // RFC 8656 §7.2 step 3
    const auto transport = asked.read(attribute_type::requested_transport, stun::decode_requested_transport);
    if (!transport.value) return refuse(server, asked, error_code::bad_request);  // 400
    if (*transport.value != stun::transport_protocol::udp) {
        return refuse(server, asked, error_code::unsupported_transport_protocol);  // 442
    }

    // RFC 8656 §7.2 step 7
    const auto requested = asked.read(attribute_type::requested_address_family, stun::decode_address_family);
    const auto lifetime = asked.read(attribute_type::lifetime, stun::decode_lifetime);
    if (requested.malformed || lifetime.malformed) {
        return refuse(server, asked, error_code::bad_request);  // 400
    }
    const auto family = family_of(server, asked.path, requested.value);
    if (!family) return refuse(server, asked, error_code::address_family_not_supported);  // 440

    // What the credential was issued for, and whether this node takes anyone new.
    if (!is_permitted(asked.credential->claims, asked.path)) {
        return refuse(server, asked, error_code::forbidden);  // 403
    }
    if (server.draining) return refuse(server, asked, error_code::insufficient_capacity);  // 508

    return create(server, asked, *family, desired_lifetime(server.environment.settings, lifetime.value));
}

std::chrono::seconds desired_lifetime(const contract::relay_settings& settings,
                                      std::optional<std::chrono::seconds> requested) noexcept {
    const auto bounded = std::min(requested.value_or(settings.lifetime_default), settings.lifetime_max);
    return std::max(bounded, settings.lifetime_default);
}

}  // namespace turnix::turn
