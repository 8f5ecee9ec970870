// A fleet of agents in one process, under a clock and a network of the test's own: everything that happens
// follows from the seed.
#pragma once

#include "api/fleet/gossip/agent.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace turnix::gossip {

struct network_conditions {
    double loss{0};
    double duplicates{0};
    interval delay_least{10};
    interval delay_most{10};
};

class simulation {
  public:
    using node_index = std::size_t;

    explicit simulation(std::uint64_t seed, std::size_t nodes) : random_{seed} {
        const instant start{.monotonic = now_, .wall = wall_};
        keys_ = std::make_shared<const credential::key_ring>(
            credential::key_ring::generate(start, std::chrono::days{3650}));
        wall_ += std::chrono::days{365};
        nodes_.resize(nodes);
        for (node_index i = 0; i < nodes; ++i) {
            auto& each = nodes_[i];
            fill(std::as_writable_bytes(each.key.writable_bytes()));
            const auto port = static_cast<std::uint16_t>(1 + i);
            known_.emplace_back(crypto::ed25519_key{each.key}.public_key(), net::endpoint{{}, port});
        }
    }

    network_conditions conditions;
    /// Datagrams that arrive, as they are sent; for tests that keep copies.
    std::function<void(node_index to, const std::vector<std::byte>&)> overhear;

    [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
    [[nodiscard]] bool runs(node_index which) const noexcept { return nodes_[which].agent != nullptr; }
    agent& operator[](node_index which) { return *nodes_[which].agent; }
    [[nodiscard]] monotonic_time now() const noexcept { return now_; }

    void start(node_index which) { start(which, (++nodes_[which].starts) << 32U); }
    /// As after its data were restored from an old copy.
    void start(node_index which, std::uint64_t incarnation) {
        nodes_[which].agent = std::make_unique<agent>(agent_options{.key = nodes_[which].key,
                                                                    .nodes = known_,
                                                                    .keys = keys_,
                                                                    .incarnation = incarnation,
                                                                    .status = {.sessions_max = 100},
                                                                    .facts = stored_by(which),
                                                                    .random = filler()},
                                                      time_of(which));
        tick(which, ++nodes_[which].run);
    }
    void start_all() {
        for (node_index i = 0; i < size(); ++i) start(i);
    }
    void crash(node_index which) {
        nodes_[which].agent.reset();
        ++nodes_[which].run;
    }
    void leave(node_index which) {
        nodes_[which].agent->leave(time_of(which));
        carry_outgoing(which);
        crash(which);
    }
    /// As a node's application does, which keeps it.
    delivery_number publish(node_index which, const fact& made) {
        const auto number = nodes_[which].agent->publish(made, time_of(which));
        if (number != 0) store(which, made);
        carry_outgoing(which);
        return number;
    }
    /// What the node's store holds, whether it runs or not.
    [[nodiscard]] std::vector<fact> stored_by(node_index which) const {
        std::vector<fact> all;
        for (const auto& [key, each] : nodes_[which].stored) all.push_back(each);
        return all;
    }
    /// Do all that run hold the same, and so much of it?
    [[nodiscard]] bool all_hold(std::size_t count) const {
        const auto& held = nodes_[first_running()].stored;
        for (node_index each = 0; each < size(); ++each) {
            if (runs(each) && nodes_[each].stored != held) return false;
        }
        return held.size() == count;
    }
    /// It does not run for so long; what is sent to it waits.
    void pause(node_index which, interval by) { nodes_[which].paused_until = now_ + by; }
    void set_wall_clock(node_index which, std::chrono::seconds by) { nodes_[which].wall_offset += by; }
    void cut(node_index from, node_index to) { cuts_.emplace(from, to); }
    void cut_apart(const std::function<bool(node_index)>& is_on_one_side) {
        for (node_index a = 0; a < size(); ++a) {
            for (node_index b = 0; b < size(); ++b) {
                if (is_on_one_side(a) != is_on_one_side(b)) cut(a, b);
            }
        }
    }
    void heal() { cuts_.clear(); }
    void deliver(node_index to, const std::vector<std::byte>& datagram) {
        if (!runs(to)) return;
        nodes_[to].agent->on_datagram(datagram, time_of(to));
        carry_outgoing(to);
    }

    void run_for(interval time) {
        const auto end = now_ + time;
        while (!events_.empty() && events_.top().at <= end) {
            const auto next = events_.top();
            events_.pop();
            now_ = next.at;
            next.happen();
        }
        now_ = end;
    }
    /// Runs until it holds, at most so long; how long it took, or nothing.
    std::optional<interval> run_until(interval at_most, const std::function<bool()>& holds) {
        for (interval passed{0}; passed <= at_most; passed += tick_step) {
            if (holds()) return passed;
            run_for(tick_step);
        }
        return std::nullopt;
    }

    [[nodiscard]] node_state seen(node_index by, node_index about) const {
        return nodes_[by].agent->find(known_[about].id)->state();
    }
    [[nodiscard]] const member& member_of(node_index by, node_index about) const {
        return *nodes_[by].agent->find(known_[about].id);
    }
    /// Does everyone who runs see all the others as they are?
    [[nodiscard]] bool agrees() const {
        for (node_index by = 0; by < size(); ++by) {
            for (node_index about = 0; runs(by) && about < size(); ++about) {
                if (about != by && (seen(by, about) == node_state::alive) != runs(about)) return false;
            }
        }
        return true;
    }
    [[nodiscard]] bool all_see(node_index about, node_state as) const {
        for (node_index by = 0; by < size(); ++by) {
            if (runs(by) && by != about && seen(by, about) != as) return false;
        }
        return true;
    }

    std::size_t below(std::size_t count) { return random_() % count; }
    bool happens(double probability) {
        return static_cast<double>(random_() % 1'000'000) < probability * 1e6;
    }
    [[nodiscard]] const key_ring_pointer& keys() const noexcept { return keys_; }
    [[nodiscard]] instant time_of(node_index which) const {
        return {.monotonic = now_, .wall = wall_ + (now_ - monotonic_time{}) + nodes_[which].wall_offset};
    }
    [[nodiscard]] const known_node& known(node_index which) const { return known_[which]; }
    [[nodiscard]] node_index place_of(const node_id& node) const {
        return static_cast<node_index>(std::ranges::find(known_, node, &known_node::id) - known_.begin());
    }
    [[nodiscard]] const crypto::secret<32>& key_of(node_index which) const { return nodes_[which].key; }
    random_source filler() {
        return [this](std::span<std::byte> bytes) { fill(bytes); };
    }

  private:
    static constexpr interval tick_step{50};

    struct simulated {
        crypto::secret<32> key;
        std::unique_ptr<gossip::agent> agent;
        std::map<fact_key, fact> stored;
        std::uint64_t starts{0};
        std::uint64_t run{0};  ///< ticks of another run are over
        monotonic_time paused_until;
        std::chrono::seconds wall_offset{0};
    };
    struct event {
        monotonic_time at;
        std::uint64_t order;
        std::function<void()> happen;
        bool operator<(const event& other) const noexcept {
            return std::pair{at, order} > std::pair{other.at, other.order};
        }
    };

    void fill(std::span<std::byte> bytes) {
        for (auto& each : bytes) each = static_cast<std::byte>(random_());
    }
    void at(monotonic_time when, std::function<void()> happen) {
        events_.push({.at = when, .order = ++order_, .happen = std::move(happen)});
    }
    void tick(node_index which, std::uint64_t run) {
        auto& node = nodes_[which];
        if (node.run != run || !node.agent) return;
        if (node.paused_until > now_) return at(node.paused_until, [=, this] { tick(which, run); });
        node.agent->on_tick(time_of(which));
        carry_outgoing(which);
        at(now_ + gossip::tick, [=, this] { tick(which, run); });
    }
    [[nodiscard]] node_index first_running() const {
        node_index each = 0;
        while (each + 1 < size() && !runs(each)) ++each;
        return each;
    }
    void store(node_index which, const fact& told) {
        nodes_[which].stored.insert_or_assign(told.hashed_key(), told);
    }
    void carry_outgoing(node_index from) {
        for (const auto& each : nodes_[from].agent->take_facts()) store(from, each);
        for (auto& each : nodes_[from].agent->take_outgoing()) {
            const node_index to = each.to.port - 1U;
            if (overhear) overhear(to, each.datagram);
            if (cuts_.contains({from, to}) || happens(conditions.loss)) continue;
            carry(to, each.datagram);
            if (happens(conditions.duplicates)) carry(to, each.datagram);
        }
    }
    void carry(node_index to, const std::vector<std::byte>& datagram) {
        const auto spread =
            static_cast<std::size_t>((conditions.delay_most - conditions.delay_least).count());
        arrive(now_ + conditions.delay_least + interval{below(spread + 1)}, to, datagram);
    }
    void arrive(monotonic_time when, node_index to, const std::vector<std::byte>& datagram) {
        at(when, [=, this] {
            if (nodes_[to].paused_until > now_) return arrive(nodes_[to].paused_until, to, datagram);
            deliver(to, datagram);
        });
    }

    std::mt19937_64 random_;
    monotonic_time now_{std::chrono::hours{1}};
    wall_time wall_{std::chrono::seconds{1'700'000'000}};
    key_ring_pointer keys_;
    std::vector<simulated> nodes_;
    std::vector<known_node> known_;
    std::set<std::pair<node_index, node_index>> cuts_;
    std::priority_queue<event> events_;
    std::uint64_t order_{0};
};

}  // namespace turnix::gossip
