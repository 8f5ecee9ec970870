// Tells the relay what each project may use of this node: at the start, when a project's settings change, and
// when a new day (UTC) begins, with what the store knows the project to have relayed on that day.
//
// On one thread, which may wait for the store.
#pragma once

#include "api/auth/tenant_directory.hpp"
#include "api/store/store.hpp"
#include "common/contract/session_control.hpp"

#include <chrono>
#include <cstdint>
#include <unordered_map>

namespace turnix::sessions {

class project_quotas_keeper {
  public:
    struct parts {
        const auth::tenant_directory& tenants;
        store::store& records;
        contract::session_control& relay;
    };
    explicit project_quotas_keeper(const parts& from) : parts_{from} {}

    /// Call it once a second or so. Throws store_error, and goes on where it was at the next call.
    void look(wall_time now);

  private:
    struct known {
        model::project_quotas quotas;
        std::chrono::sys_days day;
    };

    [[nodiscard]] std::uint64_t bytes_since(std::chrono::sys_days day, const project_id& project) const;

    parts parts_;
    std::unordered_map<project_id, known> told_;
};

}  // namespace turnix::sessions
