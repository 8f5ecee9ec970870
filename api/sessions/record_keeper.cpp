#include "api/sessions/record_keeper.hpp"

#include "api/store/credential_table.hpp"
#include "api/store/session_history.hpp"

namespace turnix::sessions {

void record_keeper::tidy(wall_time now) {
    overrides_.expire(now);
    records_.record([now](auto& database) { store::delete_samples_before(database, now - samples_kept); });
    for (const auto& project : tenants_.projects()) {
        const auto& retention = project->settings.retention;
        if (!retention) continue;
        records_.record([id = project->id, before = now - *retention](auto& database) {
            store::delete_sessions_before(database, id, before);
            store::delete_credentials_before(database, id, before);
        });
    }
}

}  // namespace turnix::sessions
