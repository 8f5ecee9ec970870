#include "relay/turn/session_book.hpp"

#include "relay/turn/credential_time.hpp"

#include <algorithm>
#include <cassert>
#include <memory>
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

}  // namespace

session_book::session_book(const server_environment& environment, random_pool& random,
                           server_counters& counters)
    : observer_{environment.observer},
      ports_{environment.ports},
      random_{random},
      counters_{counters},
      mobility_{environment.mobility},
      others_{environment.others},
      worker_{environment.worker},
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

    auto& session = allocations_.insert(std::move(added));
    session.allocate_lifetime = extend(session, std::nullopt, begun.lifetime, now);
    if (session.mobile) {
        mobile_.emplace(session.session, &session);
        mobility_.settle(session.session, worker_);
    }
    observer_.on_session_event(start_of(session));
    return session;
}

allocation* session_book::find(const session_id& id) const noexcept {
    const auto found = mobile_.find(id);
    return found == mobile_.end() ? nullptr : found->second;
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
        allocations_.unlink(session.path);
        session.path.handle = client_path::no_handle;
    } else if (expected->worker == worker_) {
        // RFC 8016 §3.2.2: the end of the old connection is as good as data on the new one.
        confirm(session, now);
    } else {
        depart(session);
    }
}

void session_book::expect(allocation& session, const mobile_client::arrival& at) {
    withdraw(session);
    session.mobile->expected = at;
    allocations_.link(at.path, session);
    if (at.worker != worker_) others_.post(at.worker, expected_from_afar{.path = at.path, .home = worker_});
}

void session_book::withdraw(allocation& session) noexcept {
    const auto expected = std::exchange(session.mobile->expected, std::nullopt);
    if (!expected) return;
    allocations_.unlink(expected->path);
    if (expected->worker != worker_) others_.post(expected->worker, dismissed{expected->path});
}

void session_book::confirm(allocation& session, const instant& now) {
    const auto arrived = std::exchange(session.mobile->expected, std::nullopt);
    assert(arrived && arrived->worker == worker_);
    if (session.is_reachable()) allocations_.unlink(session.path);
    session.path = arrived->path;
    report_move(session, now);
}

void session_book::depart(allocation& session) {
    const auto arrival = session.mobile->expected;
    assert(arrival && arrival->worker != worker_);
    deadlines_.cancel(session.slot);
    mobile_.erase(session.session);
    moving_session moving{.state = allocations_.erase(session), .ports = {}};
    for (const auto& each : moving.state->relays) moving.ports.push_back(ports_.release(each.port.handle));
    moving.state->path = arrival->path;
    moving.state->mobile->expected.reset();
    const auto id = moving.state->session;
    others_.post(arrival->worker, handed_over{std::move(moving)});
    // In this order: whoever learns where the session is must not get there before it.
    mobility_.settle(id, arrival->worker);
}

void session_book::arrive(moving_session moving, const instant& now) {
    auto& relays = moving.state->relays;
    for (std::size_t i = 0; i < relays.size(); ++i) {
        const auto taken_up = ports_.open_reserved(std::move(moving.ports[i]));
        if (!taken_up) {
            for (std::size_t served = 0; served < i; ++served) ports_.close(relays[served].port.handle);
            mobility_.forget(moving.state->session);
            report_end(*moving.state, contract::end_reason::relay_failed, now);
            return;
        }
        relays[i].port = *taken_up;
    }
    auto& session = allocations_.insert(std::move(moving.state));
    mobile_.emplace(session.session, &session);
    schedule_first_deadline(session);
    report_move(session, now);
}

void session_book::collect(allocation& session) {
    if (!session.connections) return;
    const auto fresh = session.connections->collect();
    session.traffic.uplink_bytes += fresh.uplink;
    session.traffic.downlink_bytes += fresh.downlink;
    counters_.count_connections(fresh);
}

void session_book::end_all(contract::end_reason reason, const instant& now) {
    for (std::uint32_t slot = 0; slot < allocations_.slots(); ++slot) {
        if (const auto* const session = allocations_.at(slot)) end(*session, reason, now);
    }
}

void session_book::on_tick(const instant& now) {
    deadlines_.expire(now.monotonic, [&](std::uint32_t slot) { end_due(*allocations_.at(slot), now); });

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
    mobile_.erase(session.session);
    mobility_.forget(session.session);
    const auto& expected = session.mobile->expected;
    if (expected && expected->worker != worker_) others_.post(expected->worker, dismissed{expected->path});
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
    observer_.on_session_event(contract::session_ended{.id = session.session,
                                                       .traffic = session.traffic,
                                                       .sequence = session.sequence + 1,
                                                       .reason = reason,
                                                       .at = now.wall});
}

}  // namespace turnix::turn
