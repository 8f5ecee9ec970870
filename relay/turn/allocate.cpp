#include "relay/stun/attributes.hpp"
#include "relay/turn/answer.hpp"
#include "relay/turn/handlers.hpp"
#include "relay/turn/mobility.hpp"
#include "relay/turn/redirection.hpp"
#include "relay/turn/reservation_table.hpp"
#include "relay/turn/shedding.hpp"

#include <boost/container/static_vector.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

namespace turnix::turn {

namespace {

using stun::attribute_type;
using stun::error_code;

client_effect allocated(server_state& server, const request& asked, const allocation& session) noexcept {
    auto success = answer::success(server, asked);
    for (const auto& each : session.relays) {
        stun::add_xor_address(success.message(), attribute_type::xor_relayed_address, each.port.advertised);
    }
    if (session.refused) {
        stun::add_address_error_code(success.message(), session.refused->family, session.refused->reason);
    }
    stun::add_lifetime(success.message(), session.allocate_lifetime);
    if (session.reservation) success.message().add(attribute_type::reservation_token, *session.reservation);
    if (session.mobile) add_ticket(server, success.message(), session, 1);
    stun::add_xor_address(success.message(), attribute_type::xor_mapped_address, asked.path.client);
    return success.send();
}

bool is_retransmission(const request& asked) noexcept {
    return asked.session->allocate_transaction == asked.message.header().transaction_id &&
           !ownership_error(asked);
}

// Nothing for a family that does not exist.
std::optional<net::family> family_of(const server_state& server, const client_path& path,
                                     std::optional<stun::address_family> requested) noexcept {
    if (requested) return stun::from_wire(*requested);
    const bool follows = server.environment.settings.follow_listener_family;
    return follows ? path.server.address.family() : net::family::ipv4;
}

error_code code_of(port_error error) noexcept {
    return error == port_error::family_not_served ? error_code::address_family_not_supported
                                                  : error_code::insufficient_capacity;
}

// What a sound Allocate asks for.
struct wishes {
    net::family family{net::family::ipv4};
    bool tcp{false};
    bool both_families{false};
    std::optional<bool> even_port{};  ///< with the next one reserved, or alone
    std::optional<stun::reservation_token> token{};
    bool mobile{false};
    std::chrono::seconds lifetime{0};
};

// Relay ports that no allocation has yet: closed again, unless one gets them.
class opened_ports {
  public:
    explicit opened_ports(relay_ports& from) noexcept : from_{&from} {}
    opened_ports(opened_ports&& other) noexcept : from_{other.from_}, ports_{other.ports_} {
        other.ports_.clear();
    }
    opened_ports& operator=(opened_ports&&) = delete;
    ~opened_ports() {
        for (const auto& each : ports_) from_->close(each.handle);
    }

    void add(const relay_port& opened) noexcept { ports_.push_back(opened); }
    [[nodiscard]] std::span<const relay_port> all() const noexcept { return ports_; }
    /// An allocation has them.
    void keep() noexcept { ports_.clear(); }

  private:
    relay_ports* from_;
    boost::container::static_vector<relay_port, 2> ports_;
};

opened_ports one_port(server_state& server, const relay_port& opened) noexcept {
    opened_ports made{server.environment.ports};
    made.add(opened);
    return made;
}

// What an allocation stands on.
struct grounds {
    opened_ports ports;
    admission_lease lease;
    std::optional<stun::reservation_token> reservation{};
    std::optional<refused_family> refused{};
};

// RFC 8656 §7.2 step 10: 486, or 508 when the node is full.
result<admission_lease, error_code> admit(server_state& server, const request& asked) {
    const auto& holder = asked.credential->claims;
    auto lease = server.environment.admission.admit(holder, asked.now.monotonic);
    if (lease) return std::move(*lease);
    const auto reached = lease.error().reached;
    if (!reached) return error_code::insufficient_capacity;
    server.sessions.quotas().report(*reached, holder, asked.now);
    return error_code::allocation_quota_reached;
}

result<grounds, error_code> open_pair(server_state& server, const request& asked, const port_request& wanted,
                                      admission_lease lease) {
    auto& environment = server.environment;
    auto next_lease = admit(server, asked);
    if (!next_lease) return next_lease.error();
    auto pair = environment.ports.open_pair(wanted);
    if (!pair) return code_of(pair.error());
    auto even = one_port(server, pair->even);
    const auto token = server.random.take<stun::reservation_token>();
    environment.reservations.add(
        token, {.port = std::move(pair->next), .holder = asked.credential, .lease = std::move(*next_lease)},
        asked.now.monotonic);
    return grounds{.ports = std::move(even), .lease = std::move(lease), .reservation = token};
}

// RFC 8656 §7.2 step 9: either family is better than none.
result<grounds, error_code> open_both(server_state& server, port_request wanted, admission_lease lease) {
    grounds found{.ports = opened_ports{server.environment.ports}, .lease = std::move(lease)};
    for (const auto family : {net::family::ipv4, net::family::ipv6}) {
        wanted.family = family;
        const auto port = server.environment.ports.open(wanted);
        if (port) {
            found.ports.add(*port);
        } else {
            found.refused = refused_family{.family = family, .reason = code_of(port.error())};
        }
    }
    if (found.ports.all().empty()) return error_code::insufficient_capacity;
    return found;
}

result<grounds, error_code> open(server_state& server, const request& asked, const wishes& wanted) {
    auto lease = admit(server, asked);
    if (!lease) return lease.error();

    // RFC 8656 §7.2 steps 7 and 8: 440, or 508 when no such port is left.
    const port_request port_wanted{.family = wanted.family,
                                   .server = asked.path.server.address,
                                   .even = wanted.even_port.has_value(),
                                   .tcp = wanted.tcp};
    if (wanted.even_port == true) return open_pair(server, asked, port_wanted, std::move(*lease));
    if (wanted.both_families) return open_both(server, port_wanted, std::move(*lease));
    const auto port = server.environment.ports.open(port_wanted);
    if (!port) return code_of(port.error());
    return grounds{.ports = one_port(server, *port), .lease = std::move(*lease)};
}

// The reservation's own place in the quota becomes the allocation's.
result<grounds, error_code> redeem(server_state& server, const request& asked,
                                   const stun::reservation_token& token) {
    auto held = server.environment.reservations.take(token, asked.credential->username, asked.now.monotonic);
    if (!held) return error_code::insufficient_capacity;
    const auto port = server.environment.ports.open_reserved(std::move(held->port));
    if (!port) return code_of(port.error());
    return grounds{.ports = one_port(server, *port), .lease = std::move(held->lease)};
}

// RFC 8656 §7.2 step 11: where this node has no room, another may. A reservation can be redeemed here only.
client_effect turn_away(server_state& server, const request& asked, const wishes& wanted, error_code why) {
    const bool may_go = why == error_code::insufficient_capacity && !wanted.token;
    return may_go ? redirect(server, asked) : refuse(server, asked, why);
}

client_effect create(server_state& server, const request& asked, const wishes& wanted) {
    auto found = wanted.token ? redeem(server, asked, *wanted.token) : open(server, asked, wanted);
    if (!found) return turn_away(server, asked, wanted, found.error());
    const auto& session = server.sessions.begin({.path = asked.path,
                                                 .ports = found->ports.all(),
                                                 .credential = asked.credential,
                                                 .lease = std::move(found->lease),
                                                 .transaction = asked.message.header().transaction_id,
                                                 .reservation = found->reservation,
                                                 .refused = found->refused,
                                                 .tcp = wanted.tcp,
                                                 .mobile = wanted.mobile,
                                                 .lifetime = wanted.lifetime},
                                                asked.now);
    found->ports.keep();
    return allocated(server, asked, session);
}

// RFC 8656 §7.2 step 3, RFC 6062 §5.1: why this protocol is not relayed for this request.
std::optional<error_code> transport_error(const server_state& server, const request& asked,
                                          stun::transport_protocol protocol) noexcept {
    if (protocol == stun::transport_protocol::udp) return std::nullopt;
    const bool is_served =
        protocol == stun::transport_protocol::tcp && server.environment.settings.tcp_relay.enabled;
    if (!is_served) return error_code::unsupported_transport_protocol;
    const bool is_for_datagrams = asked.message.has(attribute_type::dont_fragment) ||
                                  asked.message.has(attribute_type::even_port) ||
                                  asked.message.has(attribute_type::reservation_token);
    if (!net::is_stream(asked.path.transport) || is_for_datagrams) return error_code::bad_request;
    return std::nullopt;
}

// RFC 8016 §3.1.2. The connections of a TCP allocation stay where they are: so must their client.
result<bool, error_code> wants_mobility(const server_state& server, const request& asked,
                                        stun::transport_protocol protocol) noexcept {
    const auto ticket = asked.message.find(attribute_type::mobility_ticket);
    if (!ticket) return false;
    if (!ticket->empty()) return error_code::bad_request;
    const bool is_served =
        server.environment.settings.mobility.enabled && protocol == stun::transport_protocol::udp;
    if (!is_served) return error_code::mobility_forbidden;
    return true;
}

// RFC 8656 §7.2 steps 5 to 9, as far as the request alone decides.
result<wishes, error_code> wishes_of(const server_state& server, const request& asked,
                                     stun::transport_protocol protocol) noexcept {
    const auto even_port = asked.read(attribute_type::even_port, stun::decode_even_port);
    const auto token = asked.read(attribute_type::reservation_token, stun::decode_reservation_token);
    const auto requested = asked.read(attribute_type::requested_address_family, stun::decode_address_family);
    const auto additional =
        asked.read(attribute_type::additional_address_family, stun::decode_address_family);
    const auto lifetime = asked.read(attribute_type::lifetime, stun::decode_lifetime);
    if (even_port.malformed || token.malformed || requested.malformed || additional.malformed ||
        lifetime.malformed) {
        return error_code::bad_request;
    }
    if (token.value && (even_port.value || requested.value || additional.value)) {
        return error_code::bad_request;  // step 5
    }
    if (requested.value && additional.value) return error_code::bad_request;  // step 6
    const auto family = family_of(server, asked.path, requested.value);
    if (!family) return error_code::address_family_not_supported;                     // step 7
    if (even_port.value == true && additional.value) return error_code::bad_request;  // step 8
    if (additional.value && *additional.value != stun::address_family::ipv6) {
        return error_code::bad_request;  // step 9
    }
    const auto mobile = wants_mobility(server, asked, protocol);
    if (!mobile) return mobile.error();
    return wishes{.family = *family,
                  .tcp = protocol == stun::transport_protocol::tcp,
                  .both_families = additional.value.has_value(),
                  .even_port = even_port.value,
                  .token = token.value,
                  .mobile = *mobile,
                  .lifetime = desired_lifetime(server.environment.settings, lifetime.value)};
}

}  // namespace

bool is_permitted(const credential::claims& claims, const client_path& path) noexcept {
    return claims.transports.contains(path.transport) &&
           (!claims.allowed_client || *claims.allowed_client == path.client.address);
}

client_effect handle_allocate(server_state& server, request& asked) {
    // RFC 8656 §7.2 step 2
    if (asked.session != nullptr) {
        if (is_retransmission(asked)) return allocated(server, asked, *asked.session);
        return refuse(server, asked, error_code::allocation_mismatch);  // 437
    }

    // RFC 8656 §7.2 step 3
    const auto transport = asked.read(attribute_type::requested_transport, stun::decode_requested_transport);
    if (!transport.value) return refuse(server, asked, error_code::bad_request);  // 400
    if (const auto error = transport_error(server, asked, *transport.value)) {
        return refuse(server, asked, *error);  // 442, 400
    }

    const auto wanted = wishes_of(server, asked, *transport.value);
    if (!wanted) return refuse(server, asked, wanted.error());  // 400, 405, 440

    // What the credential was issued for, and whether this node takes anyone new.
    if (!is_permitted(asked.credential->claims, asked.path)) {
        return refuse(server, asked, error_code::forbidden);  // 403
    }
    if (server.draining || refuses_newcomers(server)) {
        return turn_away(server, asked, *wanted, error_code::insufficient_capacity);  // 300, 508
    }

    return create(server, asked, *wanted);  // 300, 440, 486, 508
}

std::chrono::seconds desired_lifetime(const contract::relay_settings& settings,
                                      std::optional<std::chrono::seconds> requested) noexcept {
    const auto bounded = std::min(requested.value_or(settings.lifetime_default), settings.lifetime_max);
    return std::max(bounded, settings.lifetime_default);
}

}  // namespace turnix::turn
