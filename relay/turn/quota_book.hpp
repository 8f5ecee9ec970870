// What each project and each credential has of this node at this moment, and how much it may have: one book
// for the node, shared by its workers.
//
// Opened at the start and the end of sessions, behind a mutex; what datagrams are charged to is taken out of
// it once and kept by the session. Any thread.
#pragma once

#include "common/clock/instant.hpp"
#include "common/contract/project_limits.hpp"
#include "common/contract/session_event.hpp"
#include "common/credential/claims.hpp"
#include "relay/turn/token_bucket.hpp"
#include "relay/turn/traffic_budget.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace turnix::turn {

/// What datagrams are charged against, of a credential's or a project's limits.
template <class Limits>
[[nodiscard]] constexpr traffic_limits traffic_limits_of(const Limits& all) noexcept {
    return {.bitrate_bps_max = all.bitrate_bps_max,
            .packets_per_second_max = all.packets_per_second_max,
            .bytes_max = all.bytes_max};
}

/// One project's account. Outlived by nobody who has a place in it.
class project_account {
  public:
    void limit(const contract::project_limits& limits, std::uint64_t bytes_used) noexcept;
    /// One allocation more, unless a quota is against it.
    [[nodiscard]] std::optional<contract::quota> enter(monotonic_time now) noexcept;
    void leave() noexcept;
    [[nodiscard]] std::uint32_t allocations() const noexcept;

    traffic_budget traffic;

  private:
    mutable std::mutex guard_;
    std::uint32_t allocations_{0};
    std::uint32_t allocations_max_{0};
    std::uint32_t sessions_per_second_max_{0};
    token_bucket new_sessions_;
};

/// One allocation's place in its project's account, given back when this is destroyed.
class project_place {
  public:
    project_place() noexcept = default;
    explicit project_place(std::shared_ptr<project_account> in) noexcept : in_{std::move(in)} {}
    project_place(project_place&&) noexcept = default;
    project_place& operator=(project_place&& other) noexcept {
        project_place taken{std::move(other)};
        std::swap(in_, taken.in_);
        return *this;
    }
    ~project_place() {
        if (in_) in_->leave();
    }

  private:
    std::shared_ptr<project_account> in_;
};

class quota_book {
  public:
    static constexpr std::size_t parts = 32;

    /// In the place of what was set before.
    void limit(const project_id& project, const contract::project_limits& limits, std::uint64_t bytes_used);

    [[nodiscard]] std::shared_ptr<project_account> account_of(const project_id& project);
    /// What the sessions of this credential are charged to; under its limits from now on.
    [[nodiscard]] std::shared_ptr<traffic_budget> budget_of(const credential::claims& holder);
    /// Has the credential relayed all that it may?
    [[nodiscard]] bool is_used_up(const credential_id& holder) noexcept;

    /// Forgets budgets that nobody uses and that cannot be used again: each time it looks at one part in
    /// `parts` of them, so that many do not hold up a worker.
    void expire(wall_time now) noexcept;

  private:
    struct credential_budget {
        std::shared_ptr<traffic_budget> traffic;
        std::chrono::sys_seconds kept_until;  ///< a volume is not renewed by letting go of all sessions
    };

    using credential_budgets =
        boost::unordered_flat_map<credential_id, credential_budget, std::hash<credential_id>>;

    [[nodiscard]] credential_budgets& part_of(const credential_id& holder) noexcept;

    std::mutex guard_;
    boost::unordered_flat_map<project_id, std::shared_ptr<project_account>, std::hash<project_id>> projects_;
    std::array<credential_budgets, parts> credentials_;
    std::size_t next_to_expire_{0};
};

}  // namespace turnix::turn
