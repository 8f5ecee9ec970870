#include "api/sessions/project_quotas_keeper.hpp"

#include "api/store/session_history.hpp"

namespace turnix::sessions {

namespace {

contract::project_limits limits_of(const model::project_quotas& quotas) {
    return {.allocations_max = quotas.allocations.value_or(0),
            .sessions_per_second_max = quotas.sessions_per_second.value_or(0),
            .bitrate_bps_max = quotas.bitrate_bps.value_or(0),
            .packets_per_second_max = quotas.packets_per_second.value_or(0),
            .bytes_max = quotas.bytes_per_day.value_or(0)};
}

}  // namespace

void project_quotas_keeper::look(wall_time now) {
    const auto day = std::chrono::floor<std::chrono::days>(now);
    for (const auto& project : parts_.tenants.projects()) {
        const auto& quotas = project->settings.quotas;
        auto& told = told_[project->id];
        const bool is_of_today = told.day == day || !quotas.bytes_per_day;
        if (told.quotas == quotas && is_of_today) continue;
        const auto used = quotas.bytes_per_day ? bytes_since(day, project->id) : 0;
        parts_.relay.limit(project->id, limits_of(quotas), used);
        told = {.quotas = quotas, .day = day};
    }
}

std::uint64_t project_quotas_keeper::bytes_since(std::chrono::sys_days day, const project_id& project) const {
    std::uint64_t used = 0;
    parts_.records.run([&](auto& database) { used = store::read_bytes_since(database, project, day); });
    return used;
}

}  // namespace turnix::sessions
