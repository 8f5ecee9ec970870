#include "api/auth/tenant_directory.hpp"

#include "api/store/project_table.hpp"
#include "api/store/record_table.hpp"
#include "common/clock/insist.hpp"

#include <algorithm>
#include <mutex>
#include <tuple>
#include <utility>

namespace turnix::auth {

namespace {

/// Oldest first, whatever the precision of a clock: what the store and other nodes know is milliseconds.
auto age_of(const auto& tenant) {
    return std::tuple{std::chrono::floor<std::chrono::milliseconds>(tenant.created_at), tenant.id};
}

}  // namespace

tenant_directory::tenant_directory(store::store& store, std::optional<std::uint16_t> node)
    : store_{store}, versions_{node} {
    for (const auto& each : store.organisations()) put(each);
    for (const auto& each : store.projects()) put(each);
    if (!versions_.are_kept()) return;
    std::vector<model::shared_record> held;
    store.run([&held](auto& database) { held = store::read_records(database); });
    for (const auto& each : held) versions_.note(each);
}

std::optional<model::organisation> tenant_directory::find_organisation(organisation_id id) const {
    const std::shared_lock lock{mutex_};
    const auto found = organisations_.find(id);
    return found == organisations_.end() ? std::nullopt : std::optional{found->second};
}

std::optional<model::organisation> tenant_directory::operated() const {
    const std::shared_lock lock{mutex_};
    const auto oldest =
        std::ranges::min_element(organisations_, {}, [](const auto& each) { return age_of(each.second); });
    return oldest == organisations_.end() ? std::nullopt : std::optional{oldest->second};
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

project_pointer tenant_directory::default_project_of(const model::organisation& organisation) const {
    if (auto named = find_project(organisation.default_project)) return named;
    const auto all = projects_of(organisation.id);
    return all.empty() ? nullptr : all.front();
}

std::vector<model::organisation> tenant_directory::organisations() const {
    const std::shared_lock lock{mutex_};
    std::vector<model::organisation> all;
    all.reserve(organisations_.size());
    for (const auto& [id, each] : organisations_) all.push_back(each);
    return all;
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
    std::ranges::sort(all, {}, [](const auto& each) { return age_of(*each); });
    return all;
}

void tenant_directory::change(const model::organisation& organisation) {
    const auto made = versions_.stamped({model::record_of(organisation)}, instant::now().wall);
    store_.run([&](auto& database) {
        store::update_organisation(database, organisation);
        store::write_records(database, made);
    });
    settle(organisation);
    versions_.tell(made);
}

void tenant_directory::add(const model::project& project) {
    const auto made = stamped_changes(nullptr, project);
    store_.run([&](auto& database) {
        store::insert_project(database, project);
        store::write_records(database, made);
    });
    settle(project);
    versions_.tell(made);
}

void tenant_directory::change(const model::project& project) {
    const auto before = find_project(project.id);
    const auto made = stamped_changes(before.get(), project);
    store_.run([&](auto& database) {
        store::update_project(database, project);
        store::write_records(database, made);
    });
    settle(project);
    versions_.tell(made);
}

void tenant_directory::remove(project_id id) {
    const auto made = versions_.stamped({model::removal_of(id)}, instant::now().wall, true);
    store_.run([&](auto& database) {
        store::delete_project(database, id);
        store::write_records(database, made);
    });
    forget(id);
    versions_.tell(made);
}

void tenant_directory::take(const model::organisation& told, const model::shared_record& as) {
    settle(told);
    store_.record([told, as](auto& database) {
        store::put_organisation(database, told);
        store::write_records(database, {as});
    });
}

void tenant_directory::take(const model::project& told, const model::shared_record& as) {
    settle(told);
    const auto organisation = find_organisation(told.organisation);
    store_.record([told, as, organisation](auto& database) {
        store::put_project(database, told);
        // It may be the default project that was missing.
        if (organisation) store::update_organisation(database, *organisation);
        store::write_records(database, {as});
    });
}

void tenant_directory::take_removal(project_id id, const model::shared_record& as) {
    forget(id);
    store_.record([id, as](auto& database) {
        store::delete_project(database, id);
        store::write_records(database, {as});
    });
}

void tenant_directory::look_again(std::span<const organisation_id> organisations) {
    for (const auto id : organisations) {
        std::optional<model::organisation> found;
        store_.run([&](auto& database) { found = store::find_organisation(database, id); });
        if (found) settle(*found);
    }
}

void tenant_directory::look_again(std::span<const project_id> projects) {
    for (const auto id : projects) {
        std::optional<model::project> found;
        store_.run([&](auto& database) { found = store::find_project(database, id); });
        if (found) {
            settle(*found);
        } else {
            forget(id);
        }
    }
}

void tenant_directory::put(const model::organisation& organisation) {
    organisations_.insert_or_assign(organisation.id, organisation);
}

void tenant_directory::put(const model::project& project) {
    projects_.insert_or_assign(project.id, std::make_shared<const model::project>(project));
}

void tenant_directory::settle(const auto& tenant) {
    // It is written down already: memory has to say the same.
    insist([&] {
        const std::unique_lock lock{mutex_};
        put(tenant);
    });
}

void tenant_directory::forget(project_id id) {
    const std::unique_lock lock{mutex_};
    projects_.erase(id);
}

std::vector<model::shared_record> tenant_directory::stamped_changes(const model::project* before,
                                                                    const model::project& after) {
    auto known = std::vector<model::shared_record>{};
    if (before != nullptr) known = model::records_of(*before);
    auto made = model::records_of(after);
    std::erase_if(made, [&](const auto& each) {
        if (before == nullptr) return model::is_blank(each);
        return std::ranges::any_of(known, [&](const auto& other) { return each.says_the_same_as(other); });
    });
    return versions_.stamped(std::move(made), instant::now().wall);
}

}  // namespace turnix::auth
