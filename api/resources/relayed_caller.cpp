#include "api/resources/relayed_caller.hpp"

#include <memory>
#include <string>
#include <utility>

namespace turnix::api {

namespace {

constexpr auto organisation_field = "Turnix-Organisation";
constexpr auto project_field = "Turnix-Project";
constexpr auto scopes_field = "Turnix-Scopes";
constexpr auto reach_field = "Turnix-Reach";
constexpr std::string_view whole_organisation = "organisation";

std::string field_of(const http::request& from, std::string_view name) {
    const auto* const value = from.headers.find(name);
    return value == nullptr ? std::string{} : *value;
}

/// As far as it matters here: whose it is.
auth::project_pointer unknown_project(const project_id& id, const organisation_id& organisation) {
    return std::make_shared<const model::project>(
        model::project{.id = id, .organisation = organisation, .slug = {}, .settings = {}, .created_at = {}});
}

}  // namespace

http::request relayed_request(const http::request& asked, const model::principal& caller) {
    http::request made;
    made.method = asked.method;
    made.path = asked.path;
    made.query = asked.query;
    made.headers = {{organisation_field, caller.project->organisation.to_string()},
                    {project_field, caller.project->id.to_string()},
                    {scopes_field, caller.scopes.to_string()}};
    if (!caller.reach.project) made.headers.add(reach_field, std::string{whole_organisation});
    return made;
}

std::optional<model::principal> read_relayed_caller(const http::request& from,
                                                    const auth::tenant_directory& tenants) {
    const auto organisation = organisation_id::parse(field_of(from, organisation_field));
    const auto id = project_id::parse(field_of(from, project_field));
    const auto scopes = model::scope_set::parse(field_of(from, scopes_field));
    if (!organisation || !id || !scopes) return std::nullopt;
    auto project = tenants.find_project(*id);
    if (!project) project = unknown_project(*id, *organisation);
    if (project->organisation != *organisation) return std::nullopt;
    const bool is_of_all = field_of(from, reach_field) == whole_organisation;
    return model::principal{
        .token = {},
        .reach = {.organisation = *organisation, .project = is_of_all ? std::nullopt : id},
        .scopes = *scopes,
        .project = std::move(project)};
}

}  // namespace turnix::api
