// A fleet through faults of every kind, one after the other, drawn from a seed, and the calm after them.
#pragma once

#include "tests/api/fleet/gossip/simulation.hpp"

#include <algorithm>
#include <optional>
#include <variant>
#include <vector>

namespace turnix::gossip {

class storm {
  public:
    storm(std::uint64_t seed, std::size_t nodes)
        : fleet_{seed, nodes}, away_since_(nodes), here_since_(nodes, fleet_.now()), drains_(nodes, false) {
        fleet_.start_all();
    }

    /// From here on what the nodes say is listened to, which takes its time.
    void listen() {
        for (std::size_t node = 0; node < fleet_.size(); ++node) {
            openers_.emplace_back(fleet_.known(node).id, boot_salt{}, fleet_.keys());
        }
        minority_since_.resize(fleet_.size());
        fleet_.overhear = [this](std::size_t to, const std::vector<std::byte>& datagram) {
            const auto opened = openers_[to].open(datagram);
            const auto said = opened ? read_message(opened->plain) : std::nullopt;
            if (said) judge(fleet_.place_of(opened->sender), fleet_.known(to).id, *said);
        };
    }
    /// Verdicts of death that a node in a minority has told anybody but the one whom they are about.
    [[nodiscard]] std::size_t deaths_told_by_minorities() const noexcept { return deaths_told_; }
    [[nodiscard]] std::size_t said_by_minorities() const noexcept { return said_by_minorities_; }

    /// Within which even a node that is cut off from all others, and so has nobody to believe, has found out
    /// about each of them by itself: one probe after the other, at the pace of the worst health.
    [[nodiscard]] interval detection_most() const {
        return health_factor_max *
               (static_cast<int>(fleet_.size()) * probe_interval + probe_timeout + suspicion_most);
    }

    /// Up to 40 seconds of faults.
    void rage() {
        for (int i = 0; i < faults; ++i) {
            disturb();
            fleet_.run_for(interval{fleet_.below(2'000)});
        }
        fleet_.run_for(pause_most);  // the last pause is over
    }
    /// The network is as it should be; two nodes run at least.
    void end() {
        fleet_.heal();
        fleet_.conditions = {.delay_most = interval{100}};
        for (std::size_t node = 0; node < 2; ++node) {
            if (!fleet_.runs(node)) start(node);
        }
    }

    /// Do those who run see each other, as what they are?
    [[nodiscard]] bool has_one_view() const {
        return holds_for_each_pair([this](std::size_t by, std::size_t about) {
            if (!fleet_.runs(about)) return true;
            return fleet_.seen(by, about) == (drains_[about] ? node_state::draining : node_state::alive);
        });
    }
    /// Do those who run see nobody alive who does not?
    [[nodiscard]] bool offers_no_dead() const {
        return holds_for_each_pair([this](std::size_t by, std::size_t about) {
            return fleet_.runs(about) || !is_live(fleet_.seen(by, about));
        });
    }
    /// The same for those who have been away, and seen by those who have run, for so long.
    [[nodiscard]] bool offers_nobody_long_dead() const {
        const auto since = fleet_.now() - detection_most();
        return holds_for_each_pair([&](std::size_t by, std::size_t about) {
            const bool was_long =
                away_since_[about] && *away_since_[about] < since && here_since_[by] < since;
            return !was_long || !is_live(fleet_.seen(by, about));
        });
    }
    /// Do all who run hold the same facts: is what one of them has revoked revoked everywhere?
    [[nodiscard]] bool holds_the_same() const {
        std::optional<std::vector<fact>> first;
        for (std::size_t node = 0; node < fleet_.size(); ++node) {
            if (!fleet_.runs(node)) continue;
            auto held = fleet_.stored_by(node);
            if (!first)
                first = std::move(held);
            else if (*first != held)
                return false;
        }
        return true;
    }

    [[nodiscard]] simulation& fleet() noexcept { return fleet_; }

  private:
    static constexpr int faults = 20;
    static constexpr interval pause_most{5'000};

    template <class Condition>
    [[nodiscard]] bool holds_for_each_pair(const Condition& holds) const {
        for (std::size_t by = 0; by < fleet_.size(); ++by) {
            for (std::size_t about = 0; fleet_.runs(by) && about < fleet_.size(); ++about) {
                if (by != about && !holds(by, about)) return false;
            }
        }
        return true;
    }

    /// What a node says in the moment in which it finds out that it is in a minority may have been said
    /// before.
    void judge(std::size_t from, const node_id& to, const message& said) {
        auto& since = minority_since_[from];
        if (!fleet_[from].is_minority()) return since.reset();
        if (!since) since = fleet_.now();
        if (*since == fleet_.now()) return;
        ++said_by_minorities_;
        for (const auto& each : said.told) {
            const auto* const told = std::get_if<verdict>(&each);
            if (told != nullptr && told->kind == verdict_kind::dead && told->about != to) ++deaths_told_;
        }
    }
    void start(std::size_t which) {
        fleet_.start(which);
        away_since_[which].reset();
        here_since_[which] = fleet_.now();
        drains_[which] = false;
    }
    void crash(std::size_t which) {
        fleet_.crash(which);
        away_since_[which] = fleet_.now();
    }
    void revoke(std::size_t which) {
        ++version_;
        fleet_.publish(which, {.key = {static_cast<std::byte>(fleet_.below(4))},
                               .body = {static_cast<std::byte>(version_)},
                               .version = version_,
                               .until = std::chrono::sys_seconds{std::chrono::seconds{4'000'000'000}}});
    }
    void change_network() {
        fleet_.conditions = {.loss = 0.01 * static_cast<double>(fleet_.below(31)),
                             .duplicates = 0.01 * static_cast<double>(fleet_.below(20)),
                             .delay_least = interval{10},
                             .delay_most = interval{10 + fleet_.below(291)}};
    }
    /// One fault, or one thing that people do meanwhile.
    void disturb() {
        const auto which = fleet_.below(fleet_.size());
        const auto other = fleet_.below(fleet_.size());
        switch (fleet_.below(11)) {
            case 0:
                return change_network();
            case 1:
                return fleet_.cut_apart([&](std::size_t node) { return node < which; });
            case 2:
                return fleet_.cut(which, other);
            case 3:
                return fleet_.heal();
            case 4:
                return fleet_.pause(which, interval{fleet_.below(pause_most.count())});
            case 5:
                return fleet_.set_wall_clock(
                    which, std::chrono::seconds{fleet_.below(7'200)} - std::chrono::hours{1});
            default:
                fleet_.runs(which) ? disturb_running(which) : start(which);
        }
    }
    void disturb_running(std::size_t which) {
        switch (fleet_.below(4)) {
            case 0:
                return crash(which);
            case 1:
                fleet_.leave(which);
                away_since_[which] = fleet_.now();
                return;
            case 2:
                drains_[which] = true;
                return fleet_[which].declare({.state = declared_state::draining, .sessions_max = 100});
            default:
                return revoke(which);
        }
    }

    simulation fleet_;
    std::vector<std::optional<monotonic_time>> away_since_;
    std::vector<monotonic_time> here_since_;
    std::vector<bool> drains_;
    std::uint64_t version_{0};
    std::vector<envelope> openers_;
    std::vector<std::optional<monotonic_time>> minority_since_;
    std::size_t deaths_told_{0};
    std::size_t said_by_minorities_{0};
};

}  // namespace turnix::gossip
