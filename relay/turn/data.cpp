#include "relay/stun/address_attribute.hpp"
#include "relay/stun/channel_data.hpp"
#include "relay/stun/message_writer.hpp"
#include "relay/turn/handlers.hpp"
#include "relay/turn/mobility.hpp"
#include "relay/turn/peer_scope.hpp"

#include <algorithm>

namespace turnix::turn {

namespace {

using stun::attribute_type;

// RFC 8016 §3.2.2: with data from where it was expected, the client has moved.
allocation* session_of_data(server_state& server, const instant& now, const client_path& path) {
    auto* const session = server.sessions.find(path);
    if (session != nullptr && session->expects(path)) server.sessions.confirm(*session, now);
    return session;
}

drop_reason reason_of(shortage lack) noexcept {
    return lack == shortage::packet_rate ? drop_reason::over_packet_rate : drop_reason::over_quota;
}

struct uplink {
    const net::endpoint& peer;
    std::span<const std::byte> payload;
    bool dont_fragment{false};
};

client_effect relay_to_peer(server_state& server, allocation& session, const uplink& data,
                            monotonic_time now) noexcept {
    const auto* const port = session.port_of(data.peer.address.family());
    if (port == nullptr || !session.peers.permits(data.peer.address, now)) {
        return server.drop(drop_reason::no_permission);
    }
    const auto destination = destination_of(server, data.peer);
    if (!destination || !is_in_scope(server, session, *destination)) {
        return server.drop(drop_reason::peer_denied);
    }
    const auto lack = server.sessions.quotas().charge(session, {way::up, data.payload.size()}, now);
    if (lack != shortage::none) return server.drop(reason_of(lack));

    session.last_activity = now;
    ++session.traffic.uplink_packets;
    session.traffic.uplink_bytes += data.payload.size();
    server.counters.count_uplink(data.payload.size());
    return to_peer{.from = port->handle,
                   .peer = *destination,
                   .payload = data.payload,
                   .dont_fragment = data.dont_fragment};
}

void set_header(to_client& out, std::span<const std::byte> header) noexcept {
    std::ranges::copy(header, out.header_storage.begin());
    out.header_bytes = static_cast<std::uint8_t>(header.size());
}

void head_channel_data(to_client& out, const channel& bound, std::size_t payload_bytes) noexcept {
    set_header(out, stun::channel_data_header(bound.number, static_cast<std::uint16_t>(payload_bytes)));
    // RFC 8656 §12.5: required over a stream only.
    const bool padded = net::is_stream(out.path.transport);
    out.padding = padded ? static_cast<std::uint8_t>(stun::padding_after(payload_bytes)) : 0;
}

stun::message_header data_indication(random_pool& random) noexcept {
    return {.method = stun::method::data,
            .message_class = stun::message_class::indication,
            .transaction_id = {random.take<decltype(stun::transaction_id::bytes)>()}};
}

// False when the payload does not fit: over IPv6 a datagram may be longer than an indication can carry.
bool head_indication(to_client& out, random_pool& random, const net::endpoint& peer,
                     std::size_t payload_bytes) noexcept {
    stun::message_writer message{out.header_storage, data_indication(random)};
    stun::add_xor_address(message, attribute_type::xor_peer_address, peer);
    message.add_detached(attribute_type::data, payload_bytes);
    out.header_bytes = static_cast<std::uint8_t>(message.message().size());
    out.padding = static_cast<std::uint8_t>(stun::padding_after(payload_bytes));
    return out.header_bytes != 0;
}

// RFC 8656 §11.5: unreachable and time exceeded; for IPv6 "packet too big" is a type of its own.
bool is_told(net::family family, const stun::icmp_error& error) noexcept {
    if (family == net::family::ipv4) return error.type == 3 || error.type == 11;
    return error.type >= 1 && error.type <= 3;
}

// A peer's port that is closed must not make the relay talk more than the client does.
constexpr auto icmp_rate = token_rate::per_second(10, 20);

}  // namespace

std::optional<net::endpoint> destination_of(const server_state& server, const net::endpoint& peer) noexcept {
    const auto& own = server.environment.own_ports;
    if (!own.is_own(peer.address)) return peer;
    if (const auto local = own.local_of(peer)) return local;
    return is_allowed(server.policy.endpoint(peer)) ? std::optional{peer} : std::nullopt;
}

std::optional<net::endpoint> origin_of(const server_state& server, const net::endpoint& source) noexcept {
    const auto& own = server.environment.own_ports;
    if (!own.is_own(source.address)) return source;
    if (const auto advertised = own.advertised_of(source)) return advertised;
    return is_allowed(server.policy.endpoint(source)) ? std::optional{source} : std::nullopt;
}

client_effect relay_send(server_state& server, const instant& now, const client_path& path,
                         const stun::message_view& indication) {
    auto* const session = session_of_data(server, now, path);
    if (session == nullptr) return on_distant_data(server, path, indication.bytes());
    if (session->connections) return server.drop(drop_reason::wrong_protocol);
    if (!unserved_attributes(indication).empty()) return server.drop(drop_reason::unknown_attribute);

    const auto data = indication.find(attribute_type::data);
    const auto address = indication.find(attribute_type::xor_peer_address);
    if (!data || !address) return server.drop(drop_reason::malformed);
    const auto peer = stun::decode_xor_address(*address, indication.header().transaction_id);
    if (!peer || peer->port == 0) return server.drop(drop_reason::malformed);
    if (!is_allowed(server.policy.endpoint(*peer))) return server.drop(drop_reason::peer_denied);
    return relay_to_peer(
        server, *session,
        {.peer = *peer, .payload = *data, .dont_fragment = indication.has(attribute_type::dont_fragment)},
        now.monotonic);
}

client_effect relay_channel_data(server_state& server, const instant& now, const client_path& path,
                                 std::span<const std::byte> datagram) {
    auto* const session = session_of_data(server, now, path);
    if (session == nullptr) return on_distant_data(server, path, datagram);
    const auto data = stun::channel_data::parse(datagram);
    if (!data) return server.drop(drop_reason::malformed);
    const auto* const bound = session->peers.channel_of(data->channel, now.monotonic);
    if (bound == nullptr) return server.drop(drop_reason::unknown_channel);
    return relay_to_peer(server, *session, {.peer = bound->peer, .payload = data->payload}, now.monotonic);
}

std::optional<to_client> relay_from_peer(server_state& server, const instant& now, relay_handle at,
                                         const net::endpoint& source,
                                         std::span<const std::byte> payload) noexcept {
    const auto refused = [&](drop_reason reason) {
        server.counters.count_drop(reason);
        return std::nullopt;
    };
    auto* const session = server.sessions.find(at);
    if (session == nullptr) return refused(drop_reason::unknown_allocation);
    if (session->connections) return refused(drop_reason::wrong_protocol);
    if (!session->is_reachable()) return refused(drop_reason::no_client);
    const auto peer = origin_of(server, source);
    if (!peer || !is_in_scope(server, *session, source)) return refused(drop_reason::peer_denied);
    if (!session->peers.permits(peer->address, now.monotonic)) return refused(drop_reason::no_permission);

    std::optional<to_client> out{std::in_place};
    out->path = session->path;
    if (const auto* const bound = session->peers.channel_to(*peer, now.monotonic)) {
        head_channel_data(*out, *bound, payload.size());
    } else if (!head_indication(*out, server.random, *peer, payload.size())) {
        return refused(drop_reason::too_long);
    }

    const auto lack = server.sessions.quotas().charge(*session, {way::down, payload.size()}, now.monotonic);
    if (lack != shortage::none) return refused(reason_of(lack));
    session->last_activity = now.monotonic;
    ++session->traffic.downlink_packets;
    session->traffic.downlink_bytes += payload.size();
    server.counters.count_downlink(payload.size());
    return out;
}

std::optional<notice> relay_icmp(server_state& server, const instant& now,
                                 const peer_error& reported) noexcept {
    const auto refused = [&](drop_reason reason) {
        server.counters.count_drop(reason);
        return std::nullopt;
    };
    auto* const session = server.sessions.find(reported.at);
    if (session == nullptr) return refused(drop_reason::unknown_allocation);
    if (session->connections) return refused(drop_reason::wrong_protocol);
    if (!session->is_reachable()) return refused(drop_reason::no_client);
    const auto family = reported.peer.address.family();
    if (!is_told(family, reported.error)) return refused(drop_reason::icmp_not_told);
    const auto peer = origin_of(server, reported.peer);
    if (!peer) return refused(drop_reason::peer_denied);
    if (!session->peers.permits(peer->address, now.monotonic)) return refused(drop_reason::no_permission);
    if (!session->icmp_errors.take(icmp_rate, now.monotonic)) return refused(drop_reason::icmp_not_told);

    auto told = reported.error;
    if (!stun::carries_mtu(family, told)) told.data = 0;
    stun::message_writer message{server.answer_buffer, data_indication(server.random)};
    stun::add_xor_address(message, attribute_type::xor_peer_address, *peer);
    stun::add_icmp(message, told);
    return notice{.path = session->path, .message = message.message()};
}

}  // namespace turnix::turn
