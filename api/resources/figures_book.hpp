// What a node did in each of the last intervals, by project: what GET /stats and the stats events show.
//
// Control thread. Kept in memory only: charts want the last minutes, accounts are in the store.
#pragma once

#include "common/clock/instant.hpp"
#include "common/contract/live_session.hpp"
#include "common/contract/session_control.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace turnix::api {

/// What was counted in one interval; a reason is a text that stays.
struct interval_figures {
    std::uint32_t sessions{0};  ///< live at its end
    contract::traffic_counters relayed{};
    std::uint64_t issued{0};
    std::map<std::string_view, std::uint64_t> refused{};  ///< by reason; those without any are left out
};

/// An interval and its end.
struct moment {
    wall_time at;
    std::chrono::duration<double> length{};
    interval_figures node{};
    contract::relay_load load{};
    std::size_t event_streams{0};            ///< open at its end
    std::uint64_t event_streams_cut_off{0};  ///< since the node's start, as their clients read too slowly
    std::unordered_map<project_id, interval_figures> projects{};  ///< those without figures are left out

    [[nodiscard]] const interval_figures& of(const project_id& project) const noexcept;
};

/// The relay at one moment. Totals count since its start.
struct relay_look {
    std::shared_ptr<const std::vector<contract::live_session>> sessions;
    contract::relay_load load{};
    contract::traffic_counters relayed{};
    std::vector<std::pair<std::string_view, std::uint64_t>> refused{};  ///< by reason
};

class figures_book {
  public:
    static constexpr std::chrono::seconds interval{2};
    static constexpr std::size_t moments_max = 300;

    void count_issue(const project_id& project) { ++now_.projects[project].issued; }
    /// `reason` is a text that stays.
    void count_refusal(const project_id& project, std::string_view reason) {
        ++now_.projects[project].refused[reason];
    }

    /// How many event streams there are, and how many were cut off so far.
    void note_event_streams(std::size_t open, std::uint64_t cut_off) noexcept {
        now_.event_streams = open;
        now_.event_streams_cut_off = cut_off;
    }

    /// Ends an interval. What a session relayed between the last look and its end counts for the node only.
    const moment& close_interval(const relay_look& seen, instant now);

    /// The oldest first.
    [[nodiscard]] const std::deque<moment>& moments() const noexcept { return moments_; }

  private:
    using traffic_by_session = std::unordered_map<session_id, contract::traffic_counters>;

    void add_sessions(const std::vector<contract::live_session>& live);
    void add_node(const relay_look& seen);

    std::deque<moment> moments_;
    moment now_{};
    monotonic_time closed_at_{};
    traffic_by_session sessions_;
    relay_look last_{};
};

}  // namespace turnix::api
