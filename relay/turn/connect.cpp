#include "relay/stun/address_attribute.hpp"
#include "relay/stun/attributes.hpp"
#include "relay/stun/bytes.hpp"
#include "relay/turn/answer.hpp"
#include "relay/turn/handlers.hpp"
#include "relay/turn/peer_scope.hpp"

#include <array>
#include <memory>
#include <new>
#include <optional>
#include <utility>

namespace turnix::turn {

namespace {

using stun::attribute_type;
using stun::error_code;

bool may_add_connection(server_state& server, allocation& session) {
    server.sessions.collect(session);
    return session.connections->size() <
           server.environment.settings.limits.tcp_connections_per_allocation_max;
}

// Under an id that nobody can guess, until the client binds it.
stun::connection_id await_bind(server_state& server, allocation& session, peer_arrival arrival) {
    auto meter = std::make_shared<connection_meter>();
    session.connections->add(arrival.peer, meter);
    waiting_connection waiting{
        .stream = std::move(arrival.stream), .meter = meter, .holder = session.credential};
    try {
        while (true) {
            const auto drawn = server.random.take<std::array<std::byte, sizeof(stun::connection_id)>>();
            const stun::connection_id id{stun::byte_reader{drawn}.u32()};
            if (server.environment.connections.add(id, waiting, arrival.now.monotonic)) return id;
        }
    } catch (const std::bad_alloc&) {
        meter->end();
        throw;
    }
}

// 447 or 508, for a CONNECT that has waited.
notice refused_connect(server_state& server, const request& asked, error_code why) noexcept {
    return {.path = asked.path, .message = answer::error(server, asked, why).signed_message()};
}

}  // namespace

client_effect handle_connect(server_state& server, request& asked) {
    if (const auto error = ownership_error(asked)) return refuse(server, asked, *error);  // 437, 441
    auto& session = *asked.session;
    // RFC 6062 §5.2 knows TCP allocations only: for another one it is forbidden by local policy.
    if (!session.connections) return refuse(server, asked, error_code::forbidden);  // 403

    const auto peer =
        asked
            .read(attribute_type::xor_peer_address,
                  [&](std::span<const std::byte> value) {
                      return stun::decode_xor_address(value, asked.message.header().transaction_id);
                  })
            .value;
    if (!peer || peer->port == 0) return refuse(server, asked, error_code::bad_request);  // 400
    const auto* const port = session.port_of(peer->address.family());
    if (port == nullptr) return refuse(server, asked, error_code::peer_address_family_mismatch);  // 443
    if (!is_allowed(server.policy.endpoint(*peer))) {
        return refuse(server, asked, error_code::forbidden);  // 403
    }
    const auto destination = destination_of(server, *peer);
    if (!destination || !is_in_scope(server, session, *destination)) {
        return refuse(server, asked, error_code::forbidden);  // 403
    }

    const bool has_room = may_add_connection(server, session);
    if (session.connections->holds(*destination)) {
        return refuse(server, asked, error_code::connection_already_exists);  // 446
    }
    // A client that tries one peer after the other looks like a scan, whether they answer or not.
    const auto rate = token_rate::per_minute(server.environment.settings.limits.new_peers_per_minute_max);
    if (!has_room || !session.new_peers.take(rate, asked.now.monotonic)) {
        return refuse(server, asked, error_code::insufficient_capacity);  // 508
    }
    if (!server.environment.ports.connect(port->handle, *destination)) {
        return refuse(server, asked, error_code::connection_timeout_or_failure);  // 447
    }
    session.connections->begin(*destination, asked.message.bytes());
    return silence{};
}

std::optional<notice> on_connected(server_state& server, peer_arrival arrival) noexcept {
    auto* const session = server.sessions.find(arrival.at);
    if (session == nullptr || !session->connections) return std::nullopt;
    const auto waiting = session->connections->finish(arrival.peer);
    if (!waiting) return std::nullopt;
    // It was authenticated when it came; it is answered as it was signed.
    const auto message = stun::message_view::parse(*waiting);
    if (!message) return std::nullopt;
    request asked{.now = arrival.now,
                  .path = session->path,
                  .message = *message,
                  .session = session,
                  .credential = session->credential,
                  .algorithm = std::nullopt};
    asked.algorithm = asked.read(attribute_type::password_algorithm, stun::decode_password_algorithm).value;
    if (!arrival.stream) return refused_connect(server, asked, error_code::connection_timeout_or_failure);
    try {
        const auto id = await_bind(server, *session, std::move(arrival));
        auto success = answer::success(server, asked);
        stun::add_connection_id(success.message(), id);
        return notice{.path = session->path, .message = success.signed_message()};
    } catch (const std::bad_alloc&) {
        server.counters.count_drop(drop_reason::out_of_memory);
        return refused_connect(server, asked, error_code::insufficient_capacity);
    }
}

std::optional<notice> on_accepted(server_state& server, peer_arrival arrival) noexcept {
    const auto refused = [&](drop_reason reason) {
        server.counters.count_drop(reason);
        return std::nullopt;
    };
    auto* const session = server.sessions.find(arrival.at);
    if (session == nullptr) return refused(drop_reason::unknown_allocation);
    if (!session->connections) return refused(drop_reason::wrong_protocol);
    const auto peer = origin_of(server, arrival.peer);
    if (!peer || !is_in_scope(server, *session, arrival.peer)) return refused(drop_reason::peer_denied);
    if (!session->peers.permits(peer->address, arrival.now.monotonic)) {
        return refused(drop_reason::no_permission);
    }
    if (!may_add_connection(server, *session)) return refused(drop_reason::connection_quota);

    stun::message_writer message{
        server.answer_buffer,
        {.method = stun::method::connection_attempt,
         .message_class = stun::message_class::indication,
         .transaction_id = {server.random.take<decltype(stun::transaction_id::bytes)>()}}};
    stun::add_xor_address(message, attribute_type::xor_peer_address, *peer);
    try {
        stun::add_connection_id(message, await_bind(server, *session, std::move(arrival)));
    } catch (const std::bad_alloc&) {
        return refused(drop_reason::out_of_memory);
    }
    return notice{.path = session->path, .message = message.message()};
}

}  // namespace turnix::turn
