#include "api/resources/projects.hpp"

#include "api/fleet/override_fact.hpp"
#include "api/resources/displayed_name.hpp"
#include "api/resources/fields.hpp"
#include "api/resources/json_text.hpp"
#include "api/resources/new_override.hpp"
#include "api/resources/page.hpp"
#include "api/resources/project_settings.hpp"

#include <utility>

namespace turnix::api {

namespace {

namespace json = boost::json;
using http::error;
using http::error_code;
using http::method;

constexpr std::string_view slug_rule =
    "must have 1 to 63 characters out of a-z 0-9 -, the first and the last no hyphen";

error no_such_project() { return {.code = error_code::not_found, .message = "There is no such project."}; }

json::object to_json(const model::project& from) {
    return {{"id", from.id.to_string()},
            {"slug", from.slug},
            {"created_at", to_iso_time(from.created_at)},
            {"settings", api::to_json(from.settings)}};
}

}  // namespace

std::vector<endpoint> projects::endpoints() {
    constexpr auto scope = model::scope::projects_admin;
    constexpr auto one = "/api/v1/projects/{project}";
    return {
        {{method::get, "/api/v1/organisation"},
         scope,
         work::in_memory,
         handler_of(*this, &projects::read_organisation)},
        {{method::patch, "/api/v1/organisation"},
         scope,
         work::changes_store,
         handler_of(*this, &projects::change_organisation)},
        {{method::get, "/api/v1/projects"}, scope, work::in_memory, handler_of(*this, &projects::list)},
        {{method::post, "/api/v1/projects"},
         scope,
         work::changes_store,
         handler_of(*this, &projects::create)},
        {{method::get, one}, scope, work::in_memory, handler_of(*this, &projects::read)},
        {{method::patch, one}, scope, work::changes_store, handler_of(*this, &projects::change)},
        {{method::delete_, one}, scope, work::changes_store, handler_of(*this, &projects::remove)},
    };
}

outcome projects::list(const call& asked) const {
    const auto page = read_page_request(asked.request);
    if (page.has_error()) return page.error();
    auto all = tenants_.projects_of(asked.caller.reach.organisation);
    if (const auto only = asked.caller.reach.project) {
        std::erase_if(all, [&](const auto& each) { return each->id != *only; });
    }
    return page_of(
        std::move(all), *page, [](const auto& each) { return place::of(each->created_at, each->id); },
        [](const auto& each) { return to_json(*each); });
}

outcome projects::read(const call& asked) const {
    const auto project = named_project(asked);
    if (project.has_error()) return project.error();
    return object_response(200, to_json(**project));
}

outcome projects::create(const call& asked) {
    const auto organisation = whole_organisation(asked);
    if (organisation.has_error()) return organisation.error();
    const auto body = read_strict_body(asked.request);
    if (body.has_error()) return body.error();
    model::project made{.id = project_id::random(),
                        .organisation = organisation->id,
                        .slug = {},
                        .settings = {},
                        .created_at = asked.now()};
    field_reader fields{*body};
    fields.require("slug");
    fields.text("slug", {model::is_project_slug, slug_rule}, made.slug);
    fields.object("settings", [&](field_reader& inner) { read_settings(inner, made.settings); });
    if (auto fault = fields.finish()) return std::move(*fault);
    if (tenants_.find_project(organisation->id, made.slug)) {
        return error{
            .code = error_code::conflict, .message = "There is a project of this slug.", .param = "slug"};
    }
    if (!tenants_.versions().has_room()) return no_room_for_records();
    tenants_.add(made);
    return created_response(to_json(made), "/api/v1/projects/" + made.slug);
}

outcome projects::change(const call& asked) {
    const auto project = named_project(asked);
    if (project.has_error()) return project.error();
    const auto body = read_strict_body(asked.request);
    if (body.has_error()) return body.error();
    auto changed = **project;
    field_reader fields{*body};
    fields.object("settings", [&](field_reader& inner) { read_settings(inner, changed.settings); });
    if (auto fault = fields.finish()) return std::move(*fault);
    tenants_.change(changed);
    return object_response(200, to_json(changed));
}

outcome projects::remove(const call& asked) {
    const auto organisation = whole_organisation(asked);
    if (organisation.has_error()) return organisation.error();
    const auto project = named_project(asked);
    if (project.has_error()) return project.error();
    const auto id = (*project)->id;
    if (id == tenants_.default_project_of(*organisation)->id) {
        return error{.code = error_code::conflict,
                     .message = "This is the organisation's default project; name another one first."};
    }
    const auto revoke_all = [&] {
        return overrides_.add(new_override({.project = id, .scope = contract::override_scope::project},
                                           asked.now(), rules_.lifetime_max()),
                              asked.now());
    };
    if (!revoke_all()) return no_room_for_overrides();
    tenants_.remove(id);
    tokens_.forget(id);
    hooks_.forget(id);
    // Once more: what was issued while the project went is meant, too. The place is taken already.
    const auto revoked = revoke_all();
    return http::response{.status = 204, .later = [this, revoked](const http::responder& to) {
                              if (revoked) exchange_.tell({fleet::fact_of(*revoked)}, [](const auto&) {});
                              to({.status = 204});
                          }};
}

outcome projects::read_organisation(const call& asked) const {
    const auto organisation = whole_organisation(asked);
    if (organisation.has_error()) return organisation.error();
    const auto standard = tenants_.default_project_of(*organisation);
    return object_response(200, {{"id", organisation->id.to_string()},
                                 {"name", organisation->name},
                                 {"default_project", standard ? standard->slug : std::string{}},
                                 {"created_at", to_iso_time(organisation->created_at)}});
}

outcome projects::change_organisation(const call& asked) {
    auto organisation = whole_organisation(asked);
    if (organisation.has_error()) return organisation.error();
    const auto body = read_strict_body(asked.request);
    if (body.has_error()) return body.error();
    field_reader fields{*body};
    std::string slug;
    fields.text("name", displayed_name, organisation->name);
    fields.text("default_project", {model::is_project_slug, slug_rule}, slug);
    const auto standard = tenants_.find_project(organisation->id, slug);
    if (standard) organisation->default_project = standard->id;
    if (!slug.empty() && !standard) fields.fail("default_project", "names no project");
    if (auto fault = fields.finish()) return std::move(*fault);
    tenants_.change(*organisation);
    return read_organisation(asked);
}

result<auth::project_pointer, error> projects::named_project(const call& asked) const {
    const auto& reach = asked.caller.reach;
    auto project = tenants_.find_project(reach.organisation, asked.with.path_parameter("project"));
    if (!project || !reach.covers({.organisation = project->organisation, .project = project->id})) {
        return no_such_project();
    }
    return project;
}

result<model::organisation, error> projects::whole_organisation(const call& asked) const {
    auto organisation = tenants_.find_organisation(asked.caller.reach.organisation);
    if (!organisation || asked.caller.reach.project) {
        return error{.code = error_code::forbidden,
                     .message = "This needs a token of the whole organisation."};
    }
    return std::move(*organisation);
}

}  // namespace turnix::api
