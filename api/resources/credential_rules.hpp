// How long credentials and their sessions may last in a project.
#pragma once

#include "api/model/tenants.hpp"

#include <algorithm>
#include <chrono>

namespace turnix::api {

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

}  // namespace turnix::api
