#include "relay/turn/session_book.hpp"

#include "relay/turn/credential_time.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace turnix::turn {

session_book::session_book(const server_environment& environment, random_pool& random)
    : observer_{environment.observer},
      ports_{environment.ports},
      random_{random},
      allocations_{environment.settings.limits.sessions_max},
      deadlines_{environment.settings.limits.sessions_max} {}

allocation& session_book::begin(new_session begun, const instant& now) {
    auto added = std::make_unique<allocation>();
    added->path = begun.path;
    added->port = begun.port;
    added->credential = begun.credential;
    added->lease = std::move(begun.lease);
    added->session = {random_.take<detail::identifier_bytes>()};
    added->allocate_transaction = begun.transaction;
    added->reservation = begun.reservation;

    auto& session = allocations_.insert(std::move(added));
    session.allocate_lifetime = extend(session, begun.lifetime, now);
    observer_.on_session_event(contract::session_started{
        .id = session.session,
        .claims = {session.credential, &session.credential->claims},
        .client = session.path.client,
        .server = session.path.server,
        .transport = session.path.transport,
        .relayed = session.port.advertised,
        .at = now.wall,
    });
    return session;
}

std::chrono::seconds session_book::extend(allocation& session, std::chrono::seconds lifetime,
                                          const instant& now) noexcept {
    const auto left = std::max(time_left(session.credential->claims, now.wall), std::chrono::seconds{1});
    const bool cut_short = left < lifetime;
    session.deadline_reason =
        cut_short ? contract::end_reason::credential_ended : contract::end_reason::lifetime_expired;
    const auto granted = cut_short ? left : lifetime;
    deadlines_.schedule(session.slot, now.monotonic + granted);
    return granted;
}

void session_book::end(const allocation& session, contract::end_reason reason, const instant& now) {
    deadlines_.cancel(session.slot);
    const auto ended = allocations_.erase(session);
    ports_.close(ended->port.handle);
    observer_.on_session_event(contract::session_ended{
        .id = ended->session,
        .traffic = ended->traffic,
        .sequence = ended->sequence + 1,
        .reason = reason,
        .at = now.wall,
    });
}

void session_book::end_all(contract::end_reason reason, const instant& now) {
    for (std::uint32_t slot = 0; slot < allocations_.slots(); ++slot) {
        if (const auto* const session = allocations_.at(slot)) end(*session, reason, now);
    }
}

void session_book::on_tick(const instant& now) {
    deadlines_.expire(now.monotonic, [&](std::uint32_t slot) {
        const auto& session = *allocations_.at(slot);
        end(session, session.deadline_reason, now);
    });

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

void session_book::take_turn(allocation& session, const instant& now) {
    session.peers.sweep(now.monotonic);
    const auto packets = session.traffic.uplink_packets + session.traffic.downlink_packets;
    if (packets == session.packets_reported) return;
    session.packets_reported = packets;
    observer_.on_session_event(contract::session_progress{
        .id = session.session, .traffic = session.traffic, .sequence = ++session.sequence, .at = now.wall});
}

}  // namespace turnix::turn
