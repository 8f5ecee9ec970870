// All webhooks, in memory: an event finds those that want it without disk.
//
// Loaded whole from the store at start; what changes through it is written to the store first. Any thread may
// read; changes wait for the store's commit, one at a time.
#pragma once

#include "api/events/event.hpp"
#include "api/model/webhook.hpp"
#include "api/store/store.hpp"

#include <optional>
#include <shared_mutex>
#include <span>
#include <unordered_map>
#include <vector>

namespace turnix::webhooks {

class webhook_directory {
  public:
    /// Reads everything there is; throws store_error. `store` outlives the directory.
    explicit webhook_directory(store::store& store);

    [[nodiscard]] bool empty() const;
    /// In the order of their creation.
    [[nodiscard]] std::vector<model::webhook> list(project_id project) const;
    /// Nothing when the project has no such webhook.
    [[nodiscard]] std::optional<model::webhook> find(project_id project, webhook_id id) const;
    [[nodiscard]] std::optional<model::webhook> find(webhook_id id) const;
    /// The enabled ones that want this event.
    [[nodiscard]] std::vector<webhook_id> wanting(events::event_kind kind, const project_id& of) const;

    /// In effect when they return. They throw store_error when the store cannot write, and change nothing
    /// then.
    void add(const model::webhook& made);
    void change(const model::webhook& to);
    void remove(webhook_id id);
    /// The project is gone from the store, and its webhooks with it.
    void forget(project_id project);
    /// Others wrote these rows of the store, or removed them: takes over what is there. Not while a change
    /// is under way. Throws store_error.
    void look_again(std::span<const webhook_id> webhooks);

  private:
    void settle(const model::webhook& written);

    store::store& store_;
    mutable std::shared_mutex mutex_;
    std::unordered_map<webhook_id, model::webhook> webhooks_;
};

}  // namespace turnix::webhooks
