// A relay that says what a test wants, and remembers what it was told.
#pragma once

#include "common/contract/session_control.hpp"

#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace turnix {

class relay_stub final : public contract::session_control {
  public:
    [[nodiscard]] contract::relay_load load() const noexcept override { return now; }
    void set_draining(bool draining) override { now.draining = draining; }
    void take_events(std::vector<contract::session_event>& into) override {
        for (auto& each : std::exchange(reported, {})) into.push_back(std::move(each));
    }
    [[nodiscard]] std::shared_ptr<const std::vector<contract::live_session>> live_sessions() override {
        return std::make_shared<const std::vector<contract::live_session>>(sessions);
    }
    bool terminate(const session_id& which) override {
        return std::erase_if(sessions, [&which](const auto& each) { return each.id == which; }) != 0;
    }
    void use(std::shared_ptr<const contract::override_set> used) override { overrides = std::move(used); }
    void limit(const project_id& project, const contract::project_limits& to, std::uint64_t used) override {
        limits.insert_or_assign(project, std::pair{to, used});
    }

    contract::relay_load now{.sessions = 0, .sessions_max = 10};
    std::vector<contract::session_event> reported;
    std::vector<contract::live_session> sessions;
    std::shared_ptr<const contract::override_set> overrides;
    std::map<project_id, std::pair<contract::project_limits, std::uint64_t>> limits;
};

}  // namespace turnix
