#include "api/fleet/gossip/acquaintances.hpp"

#include "common/crypto/compare.hpp"

namespace turnix::gossip {

freshness acquaintances::judge(const opened_datagram& datagram) {
    auto& proven = known_[datagram.sender].proven;
    if (!proven || proven->salt != datagram.salt) return freshness::unproven;
    return proven->counters.take(datagram.counter) ? freshness::fresh : freshness::replayed;
}

const challenge& acquaintances::challenge_for(const node_id& node) {
    auto& asked = known_[node].asked;
    if (!asked) random_(std::as_writable_bytes(std::span{asked.emplace()}));
    return *asked;
}

bool acquaintances::prove(const opened_datagram& datagram, const challenge& echo) {
    auto& node = known_[datagram.sender];
    if (!node.asked || !crypto::equal_in_constant_time(std::as_bytes(std::span{*node.asked}),
                                                       std::as_bytes(std::span{echo}))) {
        return false;
    }
    node.asked.reset();
    // A second answer of the start that is known already says nothing new.
    if (node.proven && node.proven->salt == datagram.salt) return false;
    node.proven = start{.salt = datagram.salt, .counters = replay_window{datagram.counter}};
    return true;
}

bool acquaintances::is_proven(const node_id& node) const noexcept {
    const auto found = known_.find(node);
    return found != known_.end() && found->second.proven.has_value();
}

bool acquaintances::knows(const opened_datagram& datagram) const noexcept {
    const auto found = known_.find(datagram.sender);
    if (found == known_.end()) return false;
    const auto& proven = found->second.proven;
    return proven && proven->salt == datagram.salt;
}

}  // namespace turnix::gossip
