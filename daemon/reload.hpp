// What a reload comes to: a configuration against the one in force, and the report for who asked for it.
#pragma once

#include "common/config/settings.hpp"

#include <string>
#include <vector>

namespace turnix::daemon {

struct reload_report {
    std::vector<std::string> applied;  ///< keys whose value or file has changed, and is in force now
    /// Keys that have changed, and keep their former value until then; one that is under `applied` as well
    /// has the rest of its effect then.
    std::vector<std::string> needs_restart;
    std::vector<std::string> faults;  ///< one line each; when there is one, nothing was applied

    /// {"applied":["log.level"],"needs_restart":[],"faults":[]}
    [[nodiscard]] std::string to_json() const;
    /// The inverse; throws std::exception when it is none.
    static reload_report parse(const std::string& json);
    /// A line for each thing that is to be said.
    [[nodiscard]] std::vector<std::string> lines() const;
};

/// Every key that differs: under `applied` when a reload can change it.
reload_report compare(const config::settings& in_force, const config::settings& next);

/// Takes over the values of the keys that a reload changes, and leaves the others.
void take_reloaded(config::settings& into, const config::settings& from);

}  // namespace turnix::daemon
