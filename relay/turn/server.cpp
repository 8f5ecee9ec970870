#include "relay/turn/server.hpp"

#include "relay/stun/fingerprint.hpp"
#include "relay/stun/first_byte.hpp"
#include "relay/turn/answer.hpp"
#include "relay/turn/authentication.hpp"
#include "relay/turn/connection_table.hpp"
#include "relay/turn/credential_time.hpp"
#include "relay/turn/handlers.hpp"
#include "relay/turn/mobility.hpp"
#include "relay/turn/reservation_table.hpp"
#include "relay/turn/server_state.hpp"

#include <cstddef>
#include <new>
#include <utility>
#include <variant>
#include <vector>

namespace turnix::turn {

namespace {

using handler = client_effect (*)(server_state&, request&);

// Null for methods that are not served; Binding goes its own way, since it is not authenticated.
handler handler_of(stun::method method) noexcept {
    switch (method) {
        case stun::method::allocate:
            return handle_allocate;
        case stun::method::refresh:
            return handle_refresh;
        case stun::method::create_permission:
            return handle_create_permission;
        case stun::method::channel_bind:
            return handle_channel_bind;
        case stun::method::connect:
            return handle_connect;
        case stun::method::connection_bind:
            return handle_connection_bind;
        default:
            return nullptr;
    }
}

// A session is another worker's guest for as long as it lives only: what begins one, or a connection, belongs
// where its client is.
client_effect refuse_guest(server_state& server, request& asked) {
    return refuse(server, asked, stun::error_code::allocation_mismatch);  // 437
}

// The path's allocation, unless its credential's time is over and only the next tick is due to say so.
allocation* live_session(server_state& server, const instant& now, const client_path& path) {
    auto* const session = server.sessions.find(path);
    if (session == nullptr || time_left(session->credential->claims, now.wall) > std::chrono::seconds{0})
        return session;
    server.sessions.end(*session, contract::end_reason::credential_ended, now);
    return nullptr;
}

// Whoever is authentic is told: an answer takes no memory.
client_effect out_of_memory(server_state& server, const request& asked) noexcept {
    server.counters.count_drop(drop_reason::out_of_memory);
    if (!asked.credential) return silence{};
    return refuse(server, asked, stun::error_code::insufficient_capacity);  // 508
}

client_effect serve(server_state& server, request& asked, handler handle) {
    if (const auto failure = authenticate(server, asked)) return challenge(server, asked, *failure);
    const auto unserved = unserved_attributes(asked.message);
    if (!unserved.empty()) return refuse_unknown(server, asked, unserved);  // 420
    return handle(server, asked);
}

client_effect on_request(server_state& server, const instant& now, const mobile_client::arrival& from,
                         const stun::message_view& message) {
    const auto method = message.header().method;
    const auto& path = from.path;
    request asked{.now = now,
                  .path = path,
                  .message = message,
                  .session = nullptr,
                  .credential = nullptr,
                  .algorithm = {},
                  .arrival = from.worker};
    server.counters.count_request(static_cast<std::uint16_t>(method));
    if (method == stun::method::binding) return handle_binding(server, asked);
    const auto handle = handler_of(method);
    if (handle == nullptr) return server.drop(drop_reason::unknown_method);

    asked.session = live_session(server, now, path);
    try {
        if (asked.session == nullptr && pass_on(server, path, message.bytes())) return silence{};
        const bool is_guest = from.worker != server.environment.worker;
        const bool ends_here = is_guest && asked.session == nullptr && method != stun::method::refresh;
        return serve(server, asked, ends_here ? refuse_guest : handle);
    } catch (const std::bad_alloc&) {
        return out_of_memory(server, asked);
    }
}

client_effect on_message(server_state& server, const instant& now, const mobile_client::arrival& from,
                         std::span<const std::byte> datagram) {
    const auto message = stun::message_view::parse(datagram);
    if (!message || stun::check_fingerprint(*message) == stun::fingerprint_state::wrong) {
        return server.drop(drop_reason::malformed);
    }
    const auto& header = message->header();
    if (header.message_class == stun::message_class::request) return on_request(server, now, from, *message);
    // RFC 8489 §6.3: what is not a request is never answered; a Binding indication only keeps a NAT open.
    const bool is_send =
        header.message_class == stun::message_class::indication && header.method == stun::method::send;
    return is_send ? relay_send(server, now, from.path, *message) : server.drop(drop_reason::not_a_request);
}

// Whom no client may reach any more.
peer_predicate denied_by(const peer_policy& policy) {
    return [&policy](const net::address& peer) { return !is_allowed(policy.permission(peer)); };
}

// Does what another worker posted.
class crossing_receiver {
  public:
    crossing_receiver(server& whole, server_state& state, const instant& now) noexcept
        : whole_{whole}, state_{state}, others_{state.environment.others}, now_{now} {}

    void operator()(const asked_from_afar& what) const {
        const auto effect =
            on_message(state_, now_, {.path = what.path, .worker = what.arrival}, what.message);
        if (const auto* const answer = std::get_if<reply>(&effect)) {
            others_.post(what.arrival,
                         answered_from_afar{.path = what.path,
                                            .message = {answer->message.begin(), answer->message.end()}});
        }
        // A client that has no other connection left is followed at once.
        auto* const session = state_.sessions.find(what.path);
        if (session != nullptr && !session->is_reachable()) state_.sessions.depart(*session, now_);
    }
    void operator()(const answered_from_afar& what) const {
        others_.carry_out_now(what.path, reply{what.message});
    }
    void operator()(handed_over& what) const {
        auto& path = what.session.state->path;
        std::vector<std::vector<std::byte>> waited;
        auto* const at = state_.distant.find(path);
        if (at != nullptr && at->handle == path.handle) {
            waited = std::move(at->waiting);
            state_.distant.remove(path);
        } else {
            path.handle = client_path::no_handle;  // gone meanwhile
        }
        const auto arrived_at = path;
        // The settings may have changed while it was on its way.
        what.session.state->peers.forget(denied_by(state_.policy));
        state_.sessions.arrive(std::move(what.session), state_.overrides, now_);
        for (const auto& each : waited) {
            others_.carry_out_now(arrived_at, whole_.on_client(now_, arrived_at, each));
        }
    }
    void operator()(const claimed& what) const { receive(state_, what, now_); }
    void operator()(const dismissed& what) const { state_.distant.remove(what.path); }
    template <class Other>
    void operator()(const Other& what) const {
        receive(state_, what);
    }

  private:
    server& whole_;
    server_state& state_;
    crossings& others_;
    const instant& now_;
};

}  // namespace

server::server(const server_environment& environment) : state_{std::make_unique<server_state>(environment)} {}

server::~server() = default;

client_effect server::on_client(const instant& now, const client_path& path,
                                std::span<const std::byte> message) noexcept try {
    if (message.empty()) return state_->drop(drop_reason::malformed);
    switch (stun::protocol_of(message.front())) {
        case stun::protocol::channel_data:
            return relay_channel_data(*state_, now, path, message);
        case stun::protocol::stun:
            return on_message(*state_, now, {.path = path, .worker = state_->environment.worker}, message);
        case stun::protocol::other:
            break;
    }
    return state_->drop(drop_reason::malformed);
} catch (const std::bad_alloc&) {
    return state_->drop(drop_reason::out_of_memory);
}

std::optional<to_client> server::on_peer(const instant& now, relay_handle at, const net::endpoint& peer,
                                         std::span<const std::byte> payload) noexcept {
    return relay_from_peer(*state_, now, at, peer, payload);
}

void server::fetch_ahead(std::span<const client_path> clients) const noexcept {
    state_->sessions.fetch_ahead(clients);
}

void server::fetch_ahead(std::span<const relay_handle> ports) const noexcept {
    state_->sessions.fetch_ahead(ports);
}

std::optional<notice> server::on_peer_error(const instant& now, relay_handle at, const net::endpoint& peer,
                                            const stun::icmp_error& error) noexcept {
    return relay_icmp(*state_, now, {.at = at, .peer = peer, .error = error});
}

std::optional<notice> server::on_peer_accepted(const instant& now, relay_handle at, const net::endpoint& peer,
                                               std::unique_ptr<peer_stream> stream) noexcept {
    return on_accepted(*state_, {.now = now, .at = at, .peer = peer, .stream = std::move(stream)});
}

std::optional<notice> server::on_peer_connected(const instant& now, relay_handle from,
                                                const net::endpoint& peer,
                                                std::unique_ptr<peer_stream> stream) noexcept {
    return on_connected(*state_, {.now = now, .at = from, .peer = peer, .stream = std::move(stream)});
}

void server::on_crossing(const instant& now, crossing what) noexcept try {
    std::visit(crossing_receiver{*this, *state_, now}, what);
} catch (const std::bad_alloc&) {
    state_->counters.count_drop(drop_reason::out_of_memory);
}

void server::on_client_closed(const instant& now, const client_path& path) noexcept {
    auto* const session = state_->sessions.find(path);
    if (session == nullptr) return on_distant_closed(*state_, path);
    // A connection that was replaced on the same 5-tuple must not take its successor's allocation along.
    if (session->handle_of(path) != path.handle) return;
    state_->sessions.on_closed(*session, path, now);
}

void server::on_tick(const instant& now) noexcept {
    state_->sessions.on_tick(now);
    state_->environment.reservations.expire(now.monotonic);
    state_->environment.connections.expire(now.monotonic);
}

bool server::has_time_for_stranger(monotonic_time now) noexcept {
    return state_->strangers.take(now, state_->random);
}

void server::set_draining(bool draining) noexcept { state_->draining = draining; }

void server::end_all(const instant& now, contract::end_reason reason) noexcept {
    state_->sessions.end_all(reason, now);
}

bool server::end(const instant& now, const session_id& which, contract::end_reason reason) noexcept {
    const auto* const session = state_->sessions.find(which);
    if (session == nullptr) return false;
    state_->sessions.end(*session, reason, now);
    return true;
}

void server::use(const instant& now, std::shared_ptr<const contract::override_set> overrides) {
    state_->overrides.use(std::move(overrides));
    state_->sessions.reconsider(state_->overrides, now);
}

void server::use(std::shared_ptr<const credential::key_ring> keys) {
    state_->credentials.use(std::move(keys));
}

void server::on_settings_changed() {
    const auto& environment = state_->environment;
    state_->policy = peer_policy{environment.settings.peers, environment.own_ports};
    state_->sessions.forget_peers(denied_by(state_->policy));
}

void server::describe(const instant& now, std::vector<contract::live_session>& into) {
    state_->sessions.describe(now, into);
}

std::size_t server::allocations() const noexcept { return state_->sessions.size(); }

const server_counters& server::counters() const noexcept { return state_->counters; }

bool server::has_allocation(const client_path& path) const noexcept { return state_->has_allocation(path); }

}  // namespace turnix::turn
