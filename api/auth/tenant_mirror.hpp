// Takes over what other nodes of the fleet have made of organisations, projects and tokens.
//
// Records come in any order: what is about an organisation or a project that is not known yet waits for it.
// Whoever loses to a change that did not know of it finds a line in the audit log of the node where it held.
// Two projects of one slug: the younger one gets another slug, the same on every node.
//
// The thread that changes the directories.
#pragma once

#include "api/auth/tenant_directory.hpp"
#include "api/auth/token_directory.hpp"
#include "api/store/audit_table.hpp"

#include <functional>
#include <map>
#include <vector>

namespace turnix::auth {

class tenant_mirror {
  public:
    struct parts {
        store::store& records;
        tenant_directory& tenants;
        token_directory& tokens;
        /// The project is gone, with everything that is the store's of it.
        std::function<void(project_id)> forget_project;
    };
    /// What it refers to outlives the mirror.
    explicit tenant_mirror(parts from) : parts_{std::move(from)} {}

    /// Brings directories and records together as the store has them: what has no record yet gets one. Gives
    /// all of them, for the gossip. Before anything changes; throws store_error.
    [[nodiscard]] std::vector<model::shared_record> start(wall_time now);
    /// What another node has told takes effect here, unless something newer does.
    void take(const model::shared_record& told, wall_time now);

  private:
    using parent_id = std::array<std::uint8_t, 16>;

    void apply(const model::shared_record& told, wall_time now);
    void apply_organisation(const model::shared_record& told, wall_time now);
    void apply_project(const model::shared_record& told, wall_time now);
    void apply_link(const model::shared_record& told);
    void apply_token(const model::shared_record& told);
    void apply_waiting(const parent_id& parent, wall_time now);
    /// Until its organisation or project is known; written down meanwhile.
    void keep(const model::shared_record& told, const parent_id& until_known);
    void write(const model::shared_record& held);

    /// Gives the younger of two projects with one slug another one.
    void settle_slug(model::project& told, model::shared_record& as, wall_time now);
    void rename(model::project& project, model::shared_record& as, wall_time now);

    [[nodiscard]] bool is_in_force(const model::shared_record& held) const;
    [[nodiscard]] std::vector<model::shared_record> without_record(wall_time now);
    /// Does the record say something else than what holds here?
    [[nodiscard]] bool differs(const model::shared_record& told) const;
    void audit(const model::shared_record& told, wall_time now);

    parts parts_;
    std::multimap<parent_id, model::shared_record> waiting_;
};

}  // namespace turnix::auth
