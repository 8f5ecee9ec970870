// How long credentials and their sessions may last in a project.
#pragma once

#include "api/model/tenants.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>

namespace turnix::api {

/// The longest that a project's settings may let a credential last, and its sessions after it.
inline constexpr std::chrono::seconds project_term_max{std::chrono::days{30}};

/// What holds for projects that set nothing else.
struct credential_rules {
    std::chrono::seconds ttl_default{30};
    std::chrono::seconds ttl_max{172'800};
    /// A session may go on for this long after its credential has expired.
    std::chrono::seconds session_max{86'400};

    [[nodiscard]] std::chrono::seconds ttl_max_of(const model::project& project) const {
        return project.settings.ttl_max.value_or(ttl_max);
    }
    [[nodiscard]] std::chrono::seconds ttl_default_of(const model::project& project) const {
        return std::min(project.settings.ttl_default.value_or(ttl_default), ttl_max_of(project));
    }
    [[nodiscard]] std::chrono::seconds session_max_of(const model::project& project) const {
        return project.settings.session_max.value_or(session_max);
    }
    /// By when everything that was issued until now has ended, whatever it is extended to until now.
    [[nodiscard]] std::chrono::seconds lifetime_max_of(const model::project& project) const {
        return std::max(ttl_max, ttl_max_of(project)) + std::max(session_max, session_max_of(project));
    }
};

/// The rules that hold at present, which a reload may change. Any thread.
class current_rules {
  public:
    explicit current_rules(const credential_rules& rules) : rules_{rules}, widest_{rules} {}

    void change(const credential_rules& rules) {
        const std::lock_guard lock{guard_};
        rules_ = rules;
        widest_.ttl_max = std::max(widest_.ttl_max, rules.ttl_max);
        widest_.session_max = std::max(widest_.session_max, rules.session_max);
    }
    [[nodiscard]] credential_rules get() const {
        const std::lock_guard lock{guard_};
        return rules_;
    }
    /// By when everything that was issued until now has ended: what shorter rules do not change.
    [[nodiscard]] std::chrono::seconds lifetime_max_of(const model::project& project) const {
        const std::lock_guard lock{guard_};
        return widest_.lifetime_max_of(project);
    }

    /// The same of a project that may have had other settings when it issued.
    [[nodiscard]] std::chrono::seconds lifetime_max() const {
        const std::lock_guard lock{guard_};
        return std::max(widest_.ttl_max, project_term_max) + std::max(widest_.session_max, project_term_max);
    }

  private:
    mutable std::mutex guard_;
    credential_rules rules_;
    credential_rules widest_;  ///< of all that have held
};

}  // namespace turnix::api
