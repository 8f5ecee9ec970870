// All organisations and projects, in memory: what a request needs of them is there without disk.
//
// Loaded whole from the store at start; what changes through it is written to the store first, as a new
// version of a shared record, and other nodes are told. Any thread may read; changes wait for the store's
// commit, one at a time, and what other nodes have changed comes on the thread that changes. Projects are
// immutable snapshots.
#pragma once

#include "api/model/record_versions.hpp"
#include "api/model/tenant_record.hpp"
#include "api/model/tenants.hpp"
#include "api/store/store.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace turnix::auth {

using project_pointer = std::shared_ptr<const model::project>;

class tenant_directory {
  public:
    /// Reads everything there is; throws store_error. `store` outlives the directory; `node` is that of
    /// record_versions.
    explicit tenant_directory(store::store& store, std::optional<std::uint16_t> node = 0);

    /// Nothing when there is none.
    [[nodiscard]] std::optional<model::organisation> find_organisation(organisation_id id) const;
    /// The organisation in which the operator asks over the control socket: the oldest, so that it is the
    /// same on every node of a fleet. Nothing on a node that has not heard of any yet.
    [[nodiscard]] std::optional<model::organisation> operated() const;
    [[nodiscard]] bool is_operated(organisation_id id) const {
        const auto oldest = operated();
        return oldest && oldest->id == id;
    }
    /// Null when there is none.
    [[nodiscard]] project_pointer find_project(project_id id) const;
    [[nodiscard]] project_pointer find_project(organisation_id organisation, std::string_view slug) const;
    /// What an organisation-wide token means when it names no project: the one that the organisation names,
    /// its oldest when that one is gone. Null when it has none.
    [[nodiscard]] project_pointer default_project_of(const model::organisation& organisation) const;
    [[nodiscard]] std::vector<model::organisation> organisations() const;
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

    /// What another node has made, under its record: in effect at once, written when the store can. The
    /// organisation of a project is known.
    void take(const model::organisation& told, const model::shared_record& as);
    void take(const model::project& told, const model::shared_record& as);
    void take_removal(project_id id, const model::shared_record& as);

    /// Others wrote these rows of the store, or removed them: takes over what is there. Not while a change
    /// is under way. Throws store_error.
    void look_again(std::span<const organisation_id> organisations);
    void look_again(std::span<const project_id> projects);

    /// For the thread that changes.
    [[nodiscard]] model::record_versions& versions() noexcept { return versions_; }

  private:
    void put(const model::organisation& organisation);
    void put(const model::project& project);
    /// The same, with the lock.
    void settle(const auto& tenant);
    void forget(project_id id);
    /// Those records of a project that are other than before.
    [[nodiscard]] std::vector<model::shared_record> stamped_changes(const model::project* before,
                                                                    const model::project& after);

    store::store& store_;
    model::record_versions versions_;
    mutable std::shared_mutex mutex_;
    std::unordered_map<organisation_id, model::organisation> organisations_;
    std::unordered_map<project_id, project_pointer> projects_;
};

}  // namespace turnix::auth
