#include "api/auth/tenant_directory.hpp"

#include "api/store/project_table.hpp"

#include <algorithm>
#include <mutex>
#include <tuple>

namespace turnix::auth {

tenant_directory::tenant_directory(store::store& store) : store_{store} {
    for (const auto& each : store.organisations()) organisations_.emplace(each.id, each);
    for (const auto& each : store.projects()) put(each);
}

std::optional<model::organisation> tenant_directory::find_organisation(organisation_id id) const {
    const std::shared_lock lock{mutex_};
    const auto found = organisations_.find(id);
    return found == organisations_.end() ? std::nullopt : std::optional{found->second};
}

project_pointer tenant_directory::find_project(project_id id) const {
    const std::shared_lock lock{mutex_};
    const auto found = projects_.find(id);
    return found == projects_.end() ? nullptr : found->second;
}

project_pointer tenant_directory::find_project(organisation_id organisation, std::string_view slug) const {
    const std::shared_lock lock{mutex_};
    const auto found = std::ranges::find_if(projects_, [&](const auto& each) {
        return each.second->organisation == organisation && each.second->slug == slug;
    });
    return found == projects_.end() ? nullptr : found->second;
}

std::vector<project_pointer> tenant_directory::projects() const {
    const std::shared_lock lock{mutex_};
    std::vector<project_pointer> all;
    all.reserve(projects_.size());
    for (const auto& [id, each] : projects_) all.push_back(each);
    return all;
}

std::vector<project_pointer> tenant_directory::projects_of(organisation_id organisation) const {
    std::vector<project_pointer> all;
    {
        const std::shared_lock lock{mutex_};
        for (const auto& [id, each] : projects_)
            if (each->organisation == organisation) all.push_back(each);
    }
    std::ranges::sort(all, {}, [](const auto& each) { return std::tuple{each->created_at, each->id}; });
    return all;
}

void tenant_directory::change(const model::organisation& organisation) {
    store_.run([&](auto& database) { store::update_organisation(database, organisation); });
    const std::unique_lock lock{mutex_};
    organisations_.insert_or_assign(organisation.id, organisation);
}

void tenant_directory::add(const model::project& project) {
    store_.run([&](auto& database) { store::insert_project(database, project); });
    const std::unique_lock lock{mutex_};
    put(project);
}

void tenant_directory::change(const model::project& project) {
    store_.run([&](auto& database) { store::update_project(database, project); });
    const std::unique_lock lock{mutex_};
    put(project);
}

void tenant_directory::remove(project_id id) {
    store_.run([&](auto& database) { store::delete_project(database, id); });
    const std::unique_lock lock{mutex_};
    projects_.erase(id);
}

void tenant_directory::put(const model::project& project) {
    projects_.insert_or_assign(project.id, std::make_shared<const model::project>(project));
}

}  // namespace turnix::auth
