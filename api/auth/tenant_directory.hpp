// All organisations and projects, in memory: what a request needs of them is there without disk.
//
// Loaded whole from the store at start; what changes through it is written to the store first. Any thread may
// read; changes wait for the store's commit, one at a time. Projects are immutable snapshots.
#pragma once

#include "api/model/tenants.hpp"
#include "api/store/store.hpp"

#include <memory>
#include <optional>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace turnix::auth {

using project_pointer = std::shared_ptr<const model::project>;

class tenant_directory {
  public:
    /// Reads everything there is; throws store_error. `store` outlives the directory.
    explicit tenant_directory(store::store& store);

    /// Nothing when there is none.
    [[nodiscard]] std::optional<model::organisation> find_organisation(organisation_id id) const;
    /// Null when there is none.
    [[nodiscard]] project_pointer find_project(project_id id) const;
    [[nodiscard]] project_pointer find_project(organisation_id organisation, std::string_view slug) const;
    /// Of every organisation, in no order.
    [[nodiscard]] std::vector<project_pointer> projects() const;
    /// In the order of their creation.
    [[nodiscard]] std::vector<project_pointer> projects_of(organisation_id organisation) const;

    /// In effect when they return. They throw store_error when the store cannot write, and change nothing
    /// then; a slug that the organisation has already is such an error, see store_error::is_about_the_data.
    void change(const model::organisation& organisation);
    void add(const model::project& project);
    void change(const model::project& project);
    /// With its tokens in the store.
    void remove(project_id id);

  private:
    void put(const model::project& project);

    store::store& store_;
    mutable std::shared_mutex mutex_;
    std::unordered_map<organisation_id, model::organisation> organisations_;
    std::unordered_map<project_id, project_pointer> projects_;
};

}  // namespace turnix::auth
