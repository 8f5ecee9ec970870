#include "relay/turn/node_mobility.hpp"

#include "common/crypto/random.hpp"

namespace turnix::turn {

node_mobility::node_mobility() noexcept {
    crypto::fill_random(std::as_writable_bytes(key_.writable_bytes()));
}

void node_mobility::settle(const session_id& session, worker_number at) {
    const std::scoped_lock lock{guard_};
    workers_.insert_or_assign(session, at);
}

void node_mobility::move(const session_id& session, worker_number to) noexcept {
    const std::scoped_lock lock{guard_};
    const auto found = workers_.find(session);
    if (found != workers_.end()) found->second = to;
}

void node_mobility::forget(const session_id& session) noexcept {
    const std::scoped_lock lock{guard_};
    workers_.erase(session);
}

std::optional<worker_number> node_mobility::worker_of(const session_id& session) const noexcept {
    const std::scoped_lock lock{guard_};
    const auto found = workers_.find(session);
    return found == workers_.end() ? std::nullopt : std::optional{found->second};
}

std::vector<session_id> node_mobility::sessions() const {
    const std::scoped_lock lock{guard_};
    std::vector<session_id> all;
    all.reserve(workers_.size());
    for (const auto& each : workers_) all.push_back(each.first);
    return all;
}

}  // namespace turnix::turn
