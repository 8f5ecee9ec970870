#include "relay/turn/session_book.hpp"

#include "relay/turn/credential_time.hpp"
#include "relay/turn/peer_scope.hpp"

#include <algorithm>
#include <cassert>
#include <memory>
#include <new>
#include <utility>

namespace turnix::turn {

namespace {

// As it is at this moment.
contract::session_started start_of(const allocation& session) {
    return {.id = session.session,
            .claims = {session.credential, &session.credential->claims},
            .client = session.path.client,
            .server = session.path.server,
            .transport = session.path.transport,
            .relayed = session.relays.front().port.advertised,
            .at = session.started_at};
}

contract::session_ended end_of(const allocation& session, contract::end_reason reason, const instant& now) {
    return {.id = session.session,
            .traffic = session.traffic,
            .sequence = session.sequence + 1,
            .reason = reason,
            .at = now.wall};
}

}  // namespace

session_book::session_book(const server_environment& environment, random_pool& random,
                           server_counters& counters)
    : observer_{environment.observer},
      ports_{environment.ports},
      own_ports_{environment.own_ports},
      random_{random},
      counters_{counters},
      mobility_{environment.mobility},
      others_{environment.others},
      worker_{environment.worker},
      quotas_{environment.admission.quotas(), environment.observer},
      allocations_{environment.settings.limits.sessions_max},
      deadlines_{environment.settings.limits.sessions_max} {}

allocation& session_book::begin(new_session begun, const instant& now) {
    auto added = std::make_unique<allocation>();
    added->path = begun.path;
    for (const auto& port : begun.ports) added->relays.push_back({.port = port});
    added->credential = begun.credential;
    added->lease = std::move(begun.lease);
    added->session = {random_.take<detail::identifier_bytes>()};
    added->started_at = now.wall;
    if (begun.mobile) added->mobile = std::make_unique<mobile_client>();
    added->allocate_transaction = begun.transaction;
    added->reservation = begun.reservation;
    added->refused = begun.refused;
    if (begun.tcp) added->connections = std::make_unique<peer_connections>();
    added->last_activity = now.monotonic;
    added->scope = added->credential->claims.scope;
    added->room = room_tag(added->credential->claims);
    quotas_.attach(*added);
    if (added->mobile) mobility_.settle(added->session, worker_);

    auto& session = enter(std::move(added));
    for (const auto& each : session.relays) own_ports_.set_room(each.port.local, session.room);
    session.allocate_lifetime = extend(session, std::nullopt, begun.lifetime, now);
    observer_.on_session_event(start_of(session));
    return session;
}

allocation& session_book::enter(std::unique_ptr<allocation>&& added) {
    const auto id = added->session;
    try {
        by_id_.emplace(id, added.get());
        return allocations_.insert(std::move(added));
    } catch (const std::bad_alloc&) {
        by_id_.erase(id);
        mobility_.forget(id);
        throw;
    }
}

allocation* session_book::find(const session_id& id) const noexcept {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
}

std::chrono::seconds session_book::extend(allocation& session, std::optional<net::family> only,
                                          std::chrono::seconds lifetime, const instant& now) noexcept {
    const auto left = std::max(time_left(session.credential->claims, now.wall), std::chrono::seconds{1});
    const bool cut_short = left < lifetime;
    const auto granted = cut_short ? left : lifetime;
    for (auto& each : session.relays) {
        if (only && each.family() != *only) continue;
        each.deadline = now.monotonic + granted;
        each.deadline_reason =
            cut_short ? contract::end_reason::credential_ended : contract::end_reason::lifetime_expired;
    }
    schedule_first_deadline(session);
    return granted;
}

void session_book::release(allocation& session, net::family family) noexcept {
    const auto released = std::ranges::find(session.relays, family, &relayed_port::family);
    assert(released != session.relays.end() && session.relays.size() > 1);
    const auto port = released->port.handle;
    session.relays.erase(released);
    session.peers.forget(family);
    if (session.connections) session.connections->end(family);
    allocations_.release(port);
    ports_.close(port);
    schedule_first_deadline(session);
}

void session_book::end(const allocation& session, contract::end_reason reason, const instant& now) {
    deadlines_.cancel(session.slot);
    by_id_.erase(session.session);
    if (session.mobile) forget_client(session);
    const auto ended = allocations_.erase(session);
    for (const auto& each : ended->relays) ports_.close(each.port.handle);
    if (ended->connections) ended->connections->end(std::nullopt);
    collect(*ended);
    report_end(*ended, reason, now);
}

void session_book::on_closed(allocation& session, const client_path& path, const instant& now) {
    if (!session.mobile) return end(session, contract::end_reason::connection_closed, now);
    if (session.expects(path)) return withdraw(session);
    const auto& expected = session.mobile->expected;
    if (!expected) {
        allocations_.unlink(session.path, session);
        session.path.handle = client_path::no_handle;
    } else if (expected->worker == worker_) {
        // RFC 8016 §3.2.2: the end of the old connection is as good as data on the new one.
        confirm(session, now);
    } else {
        depart(session, now);
    }
}

void session_book::expect(allocation& session, const mobile_client::arrival& at) {
    withdraw(session);
    allocations_.link(at.path, session);
    try {
        if (at.worker != worker_)
            others_.post(at.worker, expected_from_afar{.path = at.path, .home = worker_});
    } catch (const std::bad_alloc&) {
        allocations_.unlink(at.path, session);
        throw;
    }
    session.mobile->expected = at;
}

void session_book::withdraw(allocation& session) noexcept {
    const auto expected = std::exchange(session.mobile->expected, std::nullopt);
    if (!expected) return;
    allocations_.unlink(expected->path, session);
    dismiss(*expected);
}

void session_book::dismiss(const mobile_client::arrival& from) noexcept {
    if (from.worker == worker_) return;
    try {
        others_.post(from.worker, dismissed{from.path});
    } catch (const std::bad_alloc&) {
        // The other worker finds out when the client speaks there.
        counters_.count_drop(drop_reason::out_of_memory);
    }
}

void session_book::confirm(allocation& session, const instant& now) {
    const auto arrived = std::exchange(session.mobile->expected, std::nullopt);
    assert(arrived && arrived->worker == worker_);
    if (session.is_reachable()) allocations_.unlink(session.path, session);
    session.path = arrived->path;
    report_move(session, now);
}

void session_book::depart(allocation& session, const instant& now) noexcept {
    const auto arrival = session.mobile->expected;
    assert(arrival && arrival->worker != worker_);
    deadlines_.cancel(session.slot);
    by_id_.erase(session.session);
    moving_session moving{.state = allocations_.erase(session), .ports = {}};
    quota_desk::detach(*moving.state);
    moving.state->path = arrival->path;
    moving.state->mobile->expected.reset();
    const auto end_without_memory = end_of(*moving.state, contract::end_reason::relay_failed, now);
    const auto id = moving.state->session;
    const auto relays = moving.state->relays;
    std::size_t released = 0;
    try {
        for (; released < relays.size(); ++released) {
            moving.ports.push_back(ports_.release(relays[released].port.handle));
        }
        others_.post(arrival->worker, handed_over{std::move(moving)});
        // In this order: whoever learns where the session is must not get there before it. And it is told
        // here only: until then all that asks for the session comes by here, so that it cannot have moved on.
        mobility_.move(id, arrival->worker);
    } catch (const std::bad_alloc&) {
        for (; released < relays.size(); ++released) ports_.close(relays[released].port.handle);
        mobility_.forget(id);
        observer_.on_session_event(end_without_memory);
    }
}

void session_book::arrive(moving_session moving, const credential_overrides& overrides,
                          const instant& now) noexcept {
    const auto failure = end_of(*moving.state, contract::end_reason::relay_failed, now);
    auto* const session = take_up(moving, overrides);
    if (session == nullptr) {
        mobility_.forget(failure.id);
        observer_.on_session_event(failure);
        return;
    }
    report_move(*session, now);
    go_on(*session, overrides.standing_of(session->credential->claims), now);
}

allocation* session_book::take_up(moving_session& moving, const credential_overrides& overrides) noexcept {
    auto& relays = moving.state->relays;
    std::size_t served = 0;
    try {
        auto& credential = moving.state->credential;
        credential = amended(credential, overrides.standing_of(credential->claims));
        quotas_.attach(*moving.state);
        for (; served < relays.size(); ++served) {
            const auto taken_up = ports_.open_reserved(std::move(moving.ports[served]));
            if (!taken_up) break;
            relays[served].port = *taken_up;
        }
        if (served == relays.size()) return &enter(std::move(moving.state));
    } catch (const std::bad_alloc&) {
        counters_.count_drop(drop_reason::out_of_memory);
    }
    for (std::size_t i = 0; i < served; ++i) ports_.close(relays[i].port.handle);
    return nullptr;
}

void session_book::collect(allocation& session) {
    if (!session.connections) return;
    const auto fresh = session.connections->collect();
    session.traffic.uplink_bytes += fresh.uplink;
    session.traffic.downlink_bytes += fresh.downlink;
    counters_.count_connections(fresh);
    if (!quotas_.count(session, fresh.uplink + fresh.downlink)) session.connections->end(std::nullopt);
}

void session_book::end_all(contract::end_reason reason, const instant& now) {
    for_each([&](const allocation& session) { end(session, reason, now); });
}

void session_book::reconsider(const credential_overrides& overrides, const instant& now) {
    for_each([&](allocation& session) {
        const auto standing = overrides.standing_of(session.credential->claims);
        auto credential = amended(session.credential, standing);
        if (!standing.ends_sessions && credential == session.credential) return;
        const auto former = std::exchange(session.credential, std::move(credential));
        try {
            quotas_.attach(session);
        } catch (const std::bad_alloc&) {
            session.credential = former;  // to be looked at again
            throw;
        }
        go_on(session, standing, now);
    });
}

void session_book::forget_peers(const peer_predicate& denied) {
    for_each([&](allocation& session) {
        session.peers.forget(denied);
        if (!session.connections) return;
        collect(session);
        session.connections->end(denied);
    });
}

void session_book::go_on(allocation& session, const contract::credential_standing& standing,
                         const instant& now) noexcept {
    if (standing.ends_sessions) return end(session, contract::end_reason::revoked, now);
    const auto left = time_left(session.credential->claims, now.wall);
    if (left <= std::chrono::seconds{0}) return end(session, contract::end_reason::credential_ended, now);
    // A longer term counts from the next refresh on, a shorter one now.
    for (auto& each : session.relays) {
        if (std::chrono::ceil<std::chrono::seconds>(each.deadline - now.monotonic) <= left) continue;
        each.deadline = now.monotonic + left;
        each.deadline_reason = contract::end_reason::credential_ended;
    }
    schedule_first_deadline(session);
}

void session_book::describe(const instant& now, std::vector<contract::live_session>& into) {
    for_each([&](allocation& session) {
        collect(session);
        into.push_back({
            .id = session.session,
            .claims = {session.credential, &session.credential->claims},
            .client = session.path.client,
            .server = session.path.server,
            .transport = session.path.transport,
            .relayed = session.relays.front().port.advertised,
            .started_at = session.started_at,
            .last_activity_at = now.wall - std::chrono::duration_cast<wall_time::duration>(
                                               now.monotonic - session.last_activity),
            .peers = session.peers.permitted(now.monotonic),
            .traffic = session.traffic,
        });
    });
}

void session_book::on_tick(const instant& now) {
    deadlines_.expire(now.monotonic, [&](std::uint32_t slot) { end_due(*allocations_.at(slot), now); });

    quotas_.on_tick(now);

    // A share of the sessions each second, so that no tick has to walk them all.
    const auto second = std::chrono::floor<std::chrono::seconds>(now.monotonic.time_since_epoch()).count();
    for (auto turn = std::max(turns_taken_until_, second - turn_seconds) + 1; turn <= second; ++turn) {
        const auto first = static_cast<std::uint32_t>(turn % turn_seconds);
        for (auto slot = first; slot < allocations_.slots(); slot += turn_seconds) {
            if (auto* const session = allocations_.at(slot)) take_turn(*session, now);
        }
    }
    turns_taken_until_ = std::max(turns_taken_until_, second);
}

void session_book::schedule_first_deadline(const allocation& session) noexcept {
    deadlines_.schedule(session.slot,
                        std::ranges::min_element(session.relays, {}, &relayed_port::deadline)->deadline);
}

void session_book::end_due(allocation& session, const instant& now) {
    const auto last = std::ranges::max_element(session.relays, {}, &relayed_port::deadline);
    if (now.monotonic >= last->deadline) {
        end(session, last->deadline_reason, now);
    } else {
        release(session, std::ranges::min_element(session.relays, {}, &relayed_port::deadline)->family());
    }
}

void session_book::forget_client(const allocation& session) noexcept {
    mobility_.forget(session.session);
    if (const auto& expected = session.mobile->expected) dismiss(*expected);
}

void session_book::take_turn(allocation& session, const instant& now) {
    session.peers.sweep(now.monotonic);
    collect(session);
    if (session.traffic == session.traffic_reported) return;
    session.traffic_reported = session.traffic;
    observer_.on_session_event(contract::session_progress{
        .id = session.session, .traffic = session.traffic, .sequence = ++session.sequence, .at = now.wall});
}

void session_book::report_move(allocation& session, const instant& now) {
    observer_.on_session_event(contract::session_moved{.session = start_of(session),
                                                       .traffic = session.traffic,
                                                       .sequence = ++session.sequence,
                                                       .at = now.wall});
}

void session_book::report_end(const allocation& session, contract::end_reason reason, const instant& now) {
    observer_.on_session_event(end_of(session, reason, now));
}

}  // namespace turnix::turn
