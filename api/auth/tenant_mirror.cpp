#include "api/auth/tenant_mirror.hpp"

#include "api/store/record_table.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>

namespace turnix::auth {

namespace {

using model::record_kind;
using model::shared_record;

constexpr std::uint16_t conflict_status = 409;

/// The slug that the younger of two gets: the same wherever it is made.
std::string other_slug(const model::project& of) {
    constexpr std::size_t mark_characters = 8;
    const auto mark = of.id.to_string().substr(0, mark_characters);
    return of.slug.substr(0, model::slug_characters_max - mark.size() - 1) + '-' + mark;
}

bool is_younger(const model::project& one, const model::project& other) {
    const auto age = [](const model::project& of) {
        return std::pair{std::chrono::floor<std::chrono::milliseconds>(of.created_at), of.id};
    };
    return age(one) > age(other);
}

/// What each would be, were it made here.
std::vector<shared_record> records_of_all(const auto& tenants) {
    std::vector<shared_record> all;
    std::ranges::transform(tenants, std::back_inserter(all),
                           [](const auto& each) { return model::record_of(each); });
    return all;
}

struct described {
    organisation_id organisation;
    std::optional<project_id> project{};
    std::string pattern;
    std::string target;
};

}  // namespace

std::vector<shared_record> tenant_mirror::start(wall_time now) {
    std::vector<shared_record> held;
    parts_.records.run([&](auto& database) {
        store::delete_expired_records(database, now);
        held = store::read_records(database);
    });
    auto& versions = parts_.tenants.versions();
    auto made = without_record(now);
    for (auto& each : made) {
        const auto token = model::token_of(each);
        versions.stamp(each, now, token && token->revoked_at);
        versions.note(each);
    }
    parts_.records.run([&made](auto& database) { store::write_records(database, made); });

    std::vector<shared_record> idle;
    std::ranges::copy_if(held, std::back_inserter(idle),
                         [this](const shared_record& each) { return !is_in_force(each); });
    // Organisations come before projects, and those before tokens.
    std::ranges::stable_sort(idle, {}, [](const shared_record& each) { return each.id.kind; });
    for (const auto& each : idle) apply(each, now);
    parts_.records.run([&held](auto& database) { held = store::read_records(database); });
    return held;
}

void tenant_mirror::take(const shared_record& told, wall_time now) {
    auto& versions = parts_.tenants.versions();
    if (!versions.is_news(told)) return;
    if (versions.overwrites_unseen(told) && differs(told)) audit(told, now);
    versions.note(told);
    apply(told, now);
}

void tenant_mirror::apply(const shared_record& told, wall_time now) {
    switch (told.id.kind) {
        case record_kind::organisation:
            return apply_organisation(told, now);
        case record_kind::project:
            return apply_project(told, now);
        case record_kind::project_link:
            return apply_link(told);
        case record_kind::token:
            return apply_token(told);
    }
}

void tenant_mirror::apply_organisation(const shared_record& told, wall_time now) {
    const auto organisation = model::organisation_of(told);
    if (!organisation) return write(told);
    parts_.tenants.take(*organisation, told);
    apply_waiting(organisation->id.bytes, now);
}

void tenant_mirror::apply_project(const shared_record& told, wall_time now) {
    if (told.is_final()) {
        const auto gone = model::subject_of(told);
        parts_.tenants.take_removal(gone, told);
        parts_.tokens.forget(gone);
        return parts_.forget_project(gone);
    }
    auto project = model::project_of(told);
    if (!project) return write(told);
    if (!parts_.tenants.find_organisation(project->organisation)) {
        return keep(told, project->organisation.bytes);
    }
    if (const auto known = parts_.tenants.find_project(project->id)) {
        project->settings.links = known->settings.links;
    }
    auto as = told;
    settle_slug(*project, as, now);
    parts_.tenants.take(*project, as);
    apply_waiting(project->id.bytes, now);
}

void tenant_mirror::apply_link(const shared_record& told) {
    auto link = model::link_of(told);
    if (!link || parts_.tenants.versions().is_gone(model::removal_of(link->project).id)) return write(told);
    const auto known = parts_.tenants.find_project(link->project);
    if (!known) return keep(told, link->project.bytes);
    auto changed = *known;
    model::link_in(changed.settings, link->kind) = std::move(link->text);
    parts_.tenants.take(changed, told);
}

void tenant_mirror::apply_token(const shared_record& told) {
    const auto token = model::token_of(told);
    if (!token) return write(told);
    const auto& reach = token->reach;
    if (reach.project && parts_.tenants.versions().is_gone(model::removal_of(*reach.project).id)) {
        return write(told);
    }
    if (!parts_.tenants.find_organisation(reach.organisation)) return keep(told, reach.organisation.bytes);
    if (reach.project && !parts_.tenants.find_project(*reach.project)) {
        return keep(told, reach.project->bytes);
    }
    parts_.tokens.take(*token, told);
}

void tenant_mirror::apply_waiting(const parent_id& parent, wall_time now) {
    const auto [first, last] = waiting_.equal_range(parent);
    std::vector<shared_record> ready;
    for (auto at = first; at != last; ++at) ready.push_back(std::move(at->second));
    waiting_.erase(first, last);
    for (const auto& each : ready) {
        if (parts_.tenants.versions().holds(each)) apply(each, now);
    }
}

void tenant_mirror::keep(const shared_record& told, const parent_id& until_known) {
    waiting_.emplace(until_known, told);
    write(told);
}

void tenant_mirror::write(const shared_record& held) {
    parts_.records.record([held](auto& database) { store::write_records(database, {held}); });
}

void tenant_mirror::settle_slug(model::project& told, shared_record& as, wall_time now) {
    const auto known = parts_.tenants.find_project(told.organisation, told.slug);
    if (!known || known->id == told.id) return;
    if (is_younger(told, *known)) return rename(told, as, now);
    auto renamed = *known;
    auto record = model::records_of(renamed).front();
    record.version = parts_.tenants.versions().version_of(record.id);
    rename(renamed, record, now);
    parts_.tenants.take(renamed, record);
}

void tenant_mirror::rename(model::project& project, shared_record& as, wall_time now) {
    audit(as, now);
    project.slug = other_slug(project);
    auto renamed = model::records_of(project).front();
    // Every node that sees the two makes the same record.
    renamed.version = model::version_clock::successor_of(as.version);
    renamed.set_base(as.version);
    as = std::move(renamed);
    parts_.tenants.versions().tell({as});
}

bool tenant_mirror::is_in_force(const shared_record& held) const {
    if (held.id.kind == record_kind::token) {
        const auto token = model::token_of(held);
        return !token || parts_.tokens.knows(token->id);
    }
    if (held.id.kind == record_kind::organisation) {
        const auto organisation = model::organisation_of(held);
        return !organisation || parts_.tenants.find_organisation(organisation->id).has_value();
    }
    return held.is_final() || parts_.tenants.find_project(model::subject_of(held)) != nullptr;
}

std::vector<shared_record> tenant_mirror::without_record(wall_time now) {
    auto all = records_of_all(parts_.tenants.organisations());
    for (const auto& each : parts_.tenants.projects()) {
        std::ranges::move(model::records_of(*each), std::back_inserter(all));
    }
    std::ranges::move(records_of_all(parts_.tokens.all()), std::back_inserter(all));
    std::erase_if(all, [&](const shared_record& each) {
        return parts_.tenants.versions().knows(each.id) || model::is_blank(each) ||
               each.until <= std::chrono::floor<std::chrono::seconds>(now);
    });
    return all;
}

bool tenant_mirror::differs(const shared_record& told) const {
    const auto is_same = [&told](const shared_record& here) { return here.says_the_same_as(told); };
    if (const auto token = model::token_of(told)) {
        // Whoever revokes it means the same.
        const auto known =
            parts_.tokens.find({.organisation = token->reach.organisation, .project = {}}, token->id);
        return known && !(known->revoked_at && token->revoked_at) && !is_same(model::record_of(*known));
    }
    if (const auto organisation = model::organisation_of(told)) {
        const auto known = parts_.tenants.find_organisation(organisation->id);
        return known && !is_same(model::record_of(*known));
    }
    const auto known = parts_.tenants.find_project(model::subject_of(told));
    return known && std::ranges::none_of(model::records_of(*known), is_same);
}

void tenant_mirror::audit(const shared_record& told, wall_time now) {
    described what;
    if (const auto token = model::token_of(told)) {
        what = {.organisation = token->reach.organisation,
                .project = token->reach.project,
                .pattern = "/api/v1/tokens/{id}",
                .target = "/api/v1/tokens/" + token->id.to_string()};
    } else if (const auto organisation = model::organisation_of(told)) {
        what = {.organisation = organisation->id,
                .pattern = "/api/v1/organisation",
                .target = "/api/v1/organisation"};
    } else if (const auto project = parts_.tenants.find_project(model::subject_of(told))) {
        what = {.organisation = project->organisation,
                .project = project->id,
                .pattern = "/api/v1/projects/{project}",
                .target = "/api/v1/projects/" + project->slug};
    } else if (const auto unknown = model::project_of(told)) {
        what = {.organisation = unknown->organisation,
                .project = unknown->id,
                .pattern = "/api/v1/projects/{project}",
                .target = "/api/v1/projects/" + unknown->slug};
    }
    const store::audit_entry entry{.id = audit_id::random(),
                                   .at = now,
                                   .organisation = what.organisation,
                                   .project = what.project,
                                   .token = store::by_the_fleet,
                                   .action = "CONFLICT " + what.pattern,
                                   .target = what.target,
                                   .client = {},
                                   .request_id = std::to_string(told.version),
                                   .status = conflict_status};
    parts_.records.record([entry](auto& database) { store::insert_audit_entry(database, entry); });
}

}  // namespace turnix::auth
