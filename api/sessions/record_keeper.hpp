// What goes out of date: overrides, samples of sessions, and what a project does not want kept any longer.
#pragma once

#include "api/auth/tenant_directory.hpp"
#include "api/sessions/override_book.hpp"
#include "api/store/store.hpp"

#include <chrono>

namespace turnix::sessions {

class record_keeper {
  public:
    /// Samples are for looking at a session closely, not for its history.
    static constexpr std::chrono::hours samples_kept{24};

    record_keeper(const auth::tenant_directory& tenants, store::store& records, override_book& overrides)
        : tenants_{tenants}, records_{records}, overrides_{overrides} {}

    /// Call it once a minute or so; any one thread. What is to go from the store is queued.
    void tidy(wall_time now);

  private:
    const auth::tenant_directory& tenants_;
    store::store& records_;
    override_book& overrides_;
};

}  // namespace turnix::sessions
