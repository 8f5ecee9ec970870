#include "relay/turn/mobility.hpp"

#include "relay/turn/credential_time.hpp"
#include "relay/turn/handlers.hpp"

#include <algorithm>
#include <new>
#include <string_view>

namespace turnix::turn {

namespace {

using stun::error_code;

// Of the Refresh that brought the client where it is.
bool is_retransmission(const request& asked, const allocation& session) noexcept {
    const auto& mobile = *session.mobile;
    return session.serves(asked.path) && mobile.moved_to == asked.path &&
           mobile.moved_by == asked.message.header().transaction_id;
}

bool is_owner(const request& asked, const allocation& session) noexcept {
    return session.credential->username == asked.credential->username &&
           std::ranges::equal(asked.key_of(*session.credential), asked.key_of(*asked.credential));
}

client_effect keep(server_state& server, distant_session& at, std::span<const std::byte> message) {
    if (!at.keep(message)) return server.drop(drop_reason::moving);
    return silence{};
}

}  // namespace

result<allocation*, error_code> find_by_ticket(server_state& server, const request& asked,
                                               std::span<const std::byte> value) {
    auto& environment = server.environment;
    if (!environment.settings.mobility.enabled) return error_code::mobility_forbidden;  // 405
    const auto ticket = server.tickets.open(value);
    if (!ticket) return error_code::bad_request;  // 400
    // Before another worker is asked anything: the ticket is this user's own, and the 5-tuple is free for it.
    if (ticket->user != mobility_ticket::digest_of(asked.credential->username)) {
        return error_code::wrong_credentials;  // 441
    }
    auto* const session = server.sessions.find(ticket->session);
    if (asked.session != nullptr && asked.session != session) return error_code::allocation_mismatch;  // 437
    if (session == nullptr) {
        const auto home = environment.mobility.worker_of(ticket->session);
        if (!home) return error_code::allocation_mismatch;  // 437
        const auto whole = asked.message.bytes();
        environment.others.post(*home, asked_from_afar{.path = asked.path,
                                                       .arrival = asked.arrival,
                                                       .message = {whole.begin(), whole.end()}});
        return nullptr;
    }

    if (time_left(session->credential->claims, asked.now.wall) <= std::chrono::seconds{0}) {
        server.sessions.end(*session, contract::end_reason::credential_ended, asked.now);
        return error_code::allocation_mismatch;  // 437
    }
    if (!is_owner(asked, *session)) return error_code::wrong_credentials;  // 441
    // RFC 8016 §3.2.2: an old ticket is good for retransmissions only, and none for who has not moved.
    if (is_retransmission(asked, *session)) return session;
    if (ticket->number < session->mobile->ticket_first_good || session->serves(asked.path)) {
        return error_code::bad_request;  // 400
    }
    if (!is_permitted(session->credential->claims, asked.path)) return error_code::forbidden;  // 403
    return session;
}

void renew_mobility(server_state& server, const request& asked) {
    auto& session = *asked.session;
    auto& mobile = *session.mobile;
    if (is_retransmission(asked, session)) return;
    const bool moves = !session.serves(asked.path);
    if (moves) server.sessions.expect(session, {.path = asked.path, .worker = asked.arrival});
    ++mobile.tickets_issued;
    if (!moves) return;

    mobile.ticket_first_good = mobile.tickets_issued;
    mobile.moved_to = asked.path;
    mobile.moved_by = asked.message.header().transaction_id;
    const bool is_here = asked.arrival == server.environment.worker;
    if (is_here && !session.is_reachable()) server.sessions.confirm(session, asked.now);
}

void add_ticket(server_state& server, stun::message_writer& message, const allocation& session,
                std::uint32_t number) noexcept {
    const auto ticket = server.tickets.seal({.session = session.session,
                                             .user = mobility_ticket::digest_of(session.credential->username),
                                             .number = number});
    message.add(stun::attribute_type::mobility_ticket, std::string_view{ticket.data(), ticket.size()});
}

client_effect on_distant_data(server_state& server, const client_path& path,
                              std::span<const std::byte> message) {
    auto* const at = server.distant.find(path);
    if (at == nullptr) return server.drop(drop_reason::unknown_allocation);
    if (!at->claimed) {
        server.environment.others.post(at->home, claimed{.path = path, .arrival = server.environment.worker});
        at->claimed = true;
    }
    return keep(server, *at, message);
}

bool pass_on(server_state& server, const client_path& path, std::span<const std::byte> message) {
    auto* const at = server.distant.find(path);
    if (at == nullptr) return false;
    if (at->claimed) {
        static_cast<void>(keep(server, *at, message));
    } else {
        server.environment.others.post(at->home,
                                       asked_from_afar{.path = path,
                                                       .arrival = server.environment.worker,
                                                       .message = {message.begin(), message.end()}});
    }
    return true;
}

void on_distant_closed(server_state& server, const client_path& path) noexcept {
    const auto* const at = server.distant.find(path);
    if (at == nullptr || at->handle != path.handle) return;
    try {
        server.environment.others.post(at->home,
                                       withdrawn{.path = path, .arrival = server.environment.worker});
    } catch (const std::bad_alloc&) {
        // The home finds out when it hands the session over.
        server.counters.count_drop(drop_reason::out_of_memory);
    }
    server.distant.remove(path);
}

void receive(server_state& server, const expected_from_afar& what) {
    // A session that began here meanwhile has the better right.
    if (server.sessions.find(what.path) == nullptr) {
        server.distant.add(what.path, what.home);
    } else {
        server.environment.others.post(what.home,
                                       withdrawn{.path = what.path, .arrival = server.environment.worker});
    }
}

void receive(server_state& server, const claimed& what, const instant& now) {
    auto* const session = server.sessions.find(what.path);
    if (session != nullptr && session->expects(what.path)) {
        server.sessions.depart(*session, now);
    } else {
        server.environment.others.post(what.arrival, dismissed{what.path});
    }
}

void receive(server_state& server, const withdrawn& what) {
    auto* const session = server.sessions.find(what.path);
    if (session != nullptr && session->expects(what.path)) server.sessions.withdraw(*session);
}

}  // namespace turnix::turn
